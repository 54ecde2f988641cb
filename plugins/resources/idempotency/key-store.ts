/** A key as a request takes it. */
export interface Claim {
  /** Digest of caller, route and key. */
  readonly id: string
  /** Digest of what was sent: a repeat must send the same. */
  readonly fingerprint: string
  /** Of this one request: nobody else may finish what it began. */
  readonly token: string
  /** Milliseconds for which the key is remembered. */
  readonly ttl: number
}

/** What became of a key: taken now, or taken before by a request that is running, done, or done with its answer kept. */
export type Taken =
  | { readonly state: 'taken' }
  | { readonly state: 'running'; readonly fingerprint: string }
  | { readonly state: 'done'; readonly fingerprint: string }
  | { readonly state: 'kept'; readonly fingerprint: string; readonly answer: string }

/**
 * Remembers idempotency keys. Adapters: `memoryKeys()`, `redisKeys()`, `sqlKeys()`; test/contracts/idempotency-keys.ts
 * says what all of them hold to. What cannot be asked throws, and the request is refused: it never runs unprotected.
 */
export interface KeyStore {
  /** Whether `commit` is part of the transaction of the work: routes must then have one. */
  readonly transactional: boolean
  /** Takes a key, or tells what became of it: one step, whoever else asks. */
  claim(claim: Claim): Promise<Taken>
  /** Notes that the work is done, in the transaction that does it. @throws when another request has taken the key over */
  commit?(claim: Claim): Promise<void>
  /** Keeps the answer; without one, only that the work is done. Nothing happens when the claim no longer holds the key. */
  keep(claim: Claim, answer?: string): Promise<void>
  /** Gives a key back whose request did nothing. One whose work is done stays. */
  release(claim: Claim): Promise<void>
}
