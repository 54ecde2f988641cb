import { createHash, randomBytes } from 'node:crypto'
import { and, count, desc, eq, gt, lte } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { tokenRefused } from './errors.ts'
import type { Parts } from './parts.ts'
import { accountTokens, users } from './tables.ts'

/** What a mailed token is good for. A token of one purpose is worth nothing for another. */
export type TokenPurpose = 'reset' | 'verify' | 'email'

/** Whom a token is for, as they are when it is made: it dies when address or password change. */
export interface TokenOwner {
  readonly id: string
  readonly email: string
  readonly passwordHash: string
}

/** What comes true when a token is used. */
export interface TokenGift {
  /** The address that an e-mail change goes to. */
  readonly address?: string | null
  /** The password of the registration that the token was mailed for: several may be open for one address. */
  readonly passwordHash?: string | null
}

/** A token that can be used now. */
export interface OpenToken extends TokenGift {
  readonly owner: TokenOwner & { readonly name: string | null }
}

/** Open at once for one purpose: more mails would only be a nuisance. */
const mostOpen = 3
/** 32 bytes in base64url. */
const form = /^[\w-]{43}$/

/** Tokens that are mailed: random, kept as a hash, used once, bound to what their owner had when they were made. */
export class AccountTokens {
  readonly #database: Database
  readonly #parts: Pick<Parts, 'clock'>
  readonly #ttl: number

  /** @param ttl milliseconds for which a token is good */
  constructor(database: Database, parts: Pick<Parts, 'clock'>, ttl: number) {
    this.#database = database
    this.#parts = parts
    this.#ttl = ttl
  }

  /** Makes a token; `undefined` while three of the purpose are open: their owner has the mails. */
  issue(owner: TokenOwner, purpose: TokenPurpose, gift: TokenGift = {}): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url')
    const { drizzle } = this.#database
    const t = accountTokens.for(this.#database)
    const now = new Date(this.#parts.clock.now())
    return this.#database.tx(async () => {
      // One at a time for each owner: those who ask at once would all count the same. SQLite has one writer anyhow.
      if (this.#database.dialect === 'postgresql')
        await this.#database.values('select pg_advisory_xact_lock(hashtext($1))', [`kwik.accounts.tokens.${owner.id}`])
      await drizzle.delete(t).where(lte(t.expiresAt, now))
      const bound = boundTo(purpose, owner)
      // Those of an older password or address are dead: they are not in the way of a new one.
      const mine = and(eq(t.userId, owner.id), eq(t.purpose, purpose), eq(t.bound, bound), gt(t.expiresAt, now))
      const [open] = await drizzle.select({ count: count() }).from(t).where(mine)
      if ((open?.count ?? 0) >= mostOpen) return undefined
      const expiresAt = new Date(now.getTime() + this.#ttl)
      await drizzle.insert(t).values({ ...gift, userId: owner.id, purpose, hash: digestOf(token), bound, expiresAt })
      return token
    })
  }

  /**
   * What a token is good for, without using it.
   * @throws {ProblemError} `KWIK_ACCOUNTS_TOKEN_REFUSED`, the same whatever is wrong with it
   */
  async look(token: string, purpose: TokenPurpose): Promise<OpenToken> {
    if (!form.test(token)) throw tokenRefused()
    const t = accountTokens.for(this.#database)
    const [found] = await this.#database.drizzle.select().from(t).where(this.#named(token, purpose))
    return this.#judge(found, purpose)
  }

  /**
   * Uses a token up: of several who ask at once, one gets it. In a transaction that is rolled back it stays.
   * @throws {ProblemError} `KWIK_ACCOUNTS_TOKEN_REFUSED`
   */
  async use(token: string, purpose: TokenPurpose): Promise<OpenToken> {
    if (!form.test(token)) throw tokenRefused()
    const t = accountTokens.for(this.#database)
    const [taken] = await this.#database.drizzle.delete(t).where(this.#named(token, purpose)).returning()
    return this.#judge(taken, purpose)
  }

  /** The newest registration of somebody that waits for its link to be followed. */
  async newest(userId: string): Promise<TokenGift | undefined> {
    const t = accountTokens.for(this.#database)
    const [found] = await this.#database.drizzle
      .select({ passwordHash: t.passwordHash })
      .from(t)
      .where(and(eq(t.userId, userId), eq(t.purpose, 'verify')))
      .orderBy(desc(t.id))
      .limit(1)
    return found
  }

  /** Ends every open token of somebody for one purpose. */
  async end(userId: string, purpose: TokenPurpose): Promise<void> {
    const t = accountTokens.for(this.#database)
    await this.#database.drizzle.delete(t).where(and(eq(t.userId, userId), eq(t.purpose, purpose)))
  }

  #named(token: string, purpose: TokenPurpose) {
    const t = accountTokens.for(this.#database)
    return and(eq(t.hash, digestOf(token)), eq(t.purpose, purpose))
  }

  async #judge(row: typeof accountTokens.$inferSelect | undefined, purpose: TokenPurpose): Promise<OpenToken> {
    if (row === undefined || row.expiresAt.getTime() <= this.#parts.clock.now()) throw tokenRefused()
    const u = users.for(this.#database)
    const [owner] = await this.#database.drizzle
      .select({ id: u.id, email: u.email, name: u.name, passwordHash: u.passwordHash, isVerified: u.isVerified })
      .from(u)
      .where(and(eq(u.id, row.userId), eq(u.isActive, true)))
    if (owner === undefined || boundTo(purpose, owner) !== row.bound) throw tokenRefused()
    // A registration ends once: a link of another one must not change the password of an account in use.
    if (purpose === 'verify' && owner.isVerified) throw tokenRefused()
    return { owner, address: row.address, passwordHash: row.passwordHash }
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The digest of what must still be so when the token is used, as Django's reset tokens are bound to the password. */
const boundTo = (purpose: TokenPurpose, { email, passwordHash }: TokenOwner): string =>
  digestOf(`${purpose}\0${email}\0${passwordHash}`)
