import { systemClock } from '#core/adapters/clock'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import { type Principal, scopeOf } from '#core/scope'
import type { ScopeContext } from '../shaping/index.ts'
import type { MaybeUserCtx, NoUserCtx, UserCtx } from './types.ts'

/** For whom something is done, on which database, and when. */
export interface Actor extends ScopeContext {
  /** What is done: an operation, the name of an action, `export` or `history`. Which rows there are may depend on it. */
  readonly doing: string
  readonly db: Database
  readonly clock: Clock
}

/** The caller of a request. */
export function actorOf(request: Request, doing: string): Actor {
  const { principal, app, tenant } = scopeOf(request)
  const db = app?.core.database
  if (!db) throw new TypeError('a resource needs a database: give kwik({ database })')
  return { db, clock: app.core.clock ?? systemClock, principal, user: principal?.user ?? null, request, tenant, doing }
}

/** What a call of the service says of itself. */
type Told = UserCtx | MaybeUserCtx | NoUserCtx

const everything: ReadonlySet<string> = new Set(['*'])

/** The caller of the service. Its request stands for none: it carries the principal to scopes and shapes. */
export function actorFrom(
  { db, user = null, permissions = everything, tenant }: Told,
  path: string,
  doing: string,
): Actor {
  const principal: Principal | null = user ? { id: user.id, via: 'bearer', user, permissions } : null
  const request = new Request(`http://localhost${path}`)
  const scope = scopeOf(request)
  scope.principal = principal
  scope.tenant = tenant
  return { db, clock: systemClock, principal, user: principal?.user ?? null, request, tenant, doing }
}
