import type { ProblemError } from '#core/problem'
import type { OwnColumns } from './own-columns.ts'
import type { Workings } from './workings.ts'

/** What the routes must know of a service beside its methods; no app has a reason to. */
export const wiring: unique symbol = Symbol('kwik.accounts.wiring')

export interface Wiring {
  readonly columns: OwnColumns
  readonly registers: boolean
  readonly verifies: boolean
  readonly recovers: boolean
  readonly changesEmail: boolean
  /** Whether an administrator is to be made at start. */
  readonly makesAdmin: boolean
  /** Why no password can be checked now, before anything else is done for who sends one. */
  crowded(): Promise<ProblemError> | undefined
  /** @throws {TypeError} when something is offered that the app has no mailer or no link for */
  check(): void
}

export function wiringOf({ columns, register, letters, passwords }: Workings, makesAdmin: boolean): Wiring {
  const verifies = register?.verify === true
  const [recovers, changesEmail] = [letters.leads('reset'), letters.leads('email')]
  return {
    columns,
    registers: register !== undefined,
    verifies,
    recovers,
    changesEmail,
    makesAdmin,
    crowded: () => passwords.refusal(),
    check: () => {
      if (verifies) letters.mailer('verify')
      if (recovers || changesEmail) letters.mailer()
    },
  }
}
