import type { Database } from '#core/ports/database'
import type { SecurityEvent } from '#core/ports/security-events'
import type { Scope } from '#core/scope'
import type { AccountTokens } from './account-tokens.ts'
import type { Afterwards } from './afterwards.ts'
import type { Letters } from './letters.ts'
import type { RegisterRules } from './options.ts'
import type { OwnColumns } from './own-columns.ts'
import type { Parts } from './parts.ts'
import type { Passwords } from './passwords.ts'
import type { Roles } from './roles.ts'
import type { Standing } from './standing.ts'
import type { Networks } from './throttle/networks.ts'
import type { Throttle } from './throttle/throttle.ts'
import type { Users } from './users.ts'

/** What the pieces of the service work with. */
export interface Workings {
  readonly database: Database
  readonly parts: Parts
  readonly columns: OwnColumns
  readonly passwords: Passwords
  readonly standing: Standing
  readonly users: Users
  readonly roles: Roles
  readonly tokens: AccountTokens
  readonly letters: Letters
  readonly afterwards: Afterwards
  readonly networks: Networks
  /** `undefined` where an app switched it off. */
  readonly throttle: Throttle | undefined
  /** `undefined` where nobody registers alone. */
  readonly register: RegisterRules | undefined
}

/** Tells the audit stream, where the app has one. */
export async function tell(parts: Pick<Parts, 'events'>, event: SecurityEvent, scope?: Scope): Promise<void> {
  await parts.events?.record(event, scope)
}
