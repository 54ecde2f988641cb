import type { User } from '../scope.ts'

/** What is true of somebody now. It is read from the accounts, never taken from a token. */
export interface Account {
  readonly user: User
  /** What the person may do. Never changed: other permissions are another set. */
  readonly permissions: ReadonlySet<string>
  /**
   * What the person may do in single tenants beside that, by tenant: they belong to each that is here, also to one with
   * nothing in it. Where it is absent, the app itself sees to who belongs to which.
   */
  readonly tenants?: ReadonlyMap<string, ReadonlySet<string>>
  /** Tokens that were issued under another number are refused: it grows when everybody must sign in again. */
  readonly tokenVersion: number
}

/** Knows people by their id: accounts gives it, tokens asks it on every request. */
export interface Principals {
  /** Who that is; `undefined` for somebody who is unknown or disabled. */
  load(id: string): Promise<Account | undefined>
  /** The same without waiting, while it is certain enough; `undefined` says: load it. */
  peek?(id: string): Account | undefined
}
