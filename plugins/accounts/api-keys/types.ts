import type { Duration } from '#core/internal/duration'
import type { Authenticator } from '#core/ports/authenticator'
import type { Actor } from '../grants.ts'
import type { Page, PageRequest } from '../page.ts'

/** A key as its owner sees it: everything but the secret. Times are RFC 3339, in UTC. */
export interface ApiKey {
  readonly id: string
  readonly userId: string
  readonly name: string
  /** How it begins and ends: `kwik_…x9Qa`. */
  readonly hint: string
  /** The most that it may do; no more than its owner may at the time. */
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  /** To the minute. */
  readonly lastUsedAt: string | null
  /** The key that took its place. */
  readonly replacedById: string | null
}

export interface NewApiKey {
  readonly name: string
  /** Permissions and patterns that the owner holds. */
  readonly scopes: readonly string[]
  /** RFC 3339; without it the key does not expire. */
  readonly expiresAt?: string | null
}

/** A key that was just made. `key` is shown this once. */
export interface MadeApiKey extends ApiKey {
  readonly key: string
}

/** The keys of users. `by` is the owner, or `'system'`; revoking is also for who may manage keys. */
export interface AccountApiKeys {
  /** Recognises callers by their key; `undefined` when keys are switched off: `accountsService(database, { apiKeys: false })`. */
  readonly authenticator: Authenticator | undefined
  list(userId: string, request?: PageRequest): Promise<Page<ApiKey>>
  find(userId: string, id: string): Promise<ApiKey>
  create(userId: string, key: NewApiKey, by: Actor): Promise<MadeApiKey>
  rename(userId: string, id: string, changes: { readonly name: string }, by: Actor): Promise<ApiKey>
  /** Makes a key like it; the old one is good for `overlap` more, an hour where nothing is said. */
  rotate(userId: string, id: string, options: { readonly overlap?: Duration }, by: Actor): Promise<MadeApiKey>
  /** Ends a key at once; one that is over stays so. */
  revoke(userId: string, id: string, by: Actor): Promise<void>
  /** Resolves when all uses of keys that are being noted behind requests are stored. */
  settled(): Promise<void>
}
