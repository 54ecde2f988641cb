import { availableParallelism } from 'node:os'
import type { ProblemError } from '#core/problem'
import { invalid } from './errors.ts'
import type { Parts } from './parts.ts'
import type { PasswordOwner, PasswordRules } from './policy.ts'
import type { PasswordHashing } from './ports.ts'
import { Turns } from './turns.ts'
import { busy, Turnstile } from './turnstile.ts'

const waiting = 50
/** Characters that are hashed at all, whatever a policy says of new passwords. */
const longest = 1024

/** Hashes made now start so; others are replaced when their owner signs in (OWASP: 19 MiB, 2 passes, 1 lane). */
const current = '$argon2id$v=19$m=19456,t=2,p=1$'

/** What a stored hash says of a password. An unreadable one says no, and should be looked at. */
export type Verdict = 'right' | 'wrong' | 'unreadable'

/** Checks and hashes passwords, on all cores but one: the thread that answers everything else has it. */
export class Passwords {
  readonly #hashing: PasswordHashing
  readonly #rules: PasswordRules
  readonly #parts: Pick<Parts, 'logger'>
  readonly #turnstile = new Turnstile(Math.max(1, availableParallelism() - 1), waiting)
  readonly #arrivals = new Turns()
  readonly #refusals = new Turns()
  #nobodys: Promise<string> | undefined

  constructor(hashing: PasswordHashing, rules: PasswordRules, parts: Pick<Parts, 'logger'>) {
    this.#hashing = hashing
    this.#rules = rules
    this.#parts = parts
  }

  /**
   * Hashes a new password that the policy takes.
   *
   * @param pointer where the password is in the body
   * @throws {ProblemError} `KWIK_INVALID` naming what is wrong with it, `KWIK_ACCOUNTS_BUSY` when too many are hashed at once
   */
  async hashNew(password: string, owner: PasswordOwner, pointer: string = '/password'): Promise<string> {
    await this.check(password, owner, pointer)
    return this.rehash(password)
  }

  /** @throws {ProblemError} `KWIK_INVALID` for a new password that the policy refuses, naming what is wrong with it */
  async check(password: string, owner: PasswordOwner, pointer: string = '/password'): Promise<void> {
    const issues = await this.#rules.issuesOf(password.normalize('NFC'), owner, pointer)
    if (issues.length > 0) throw invalid(issues)
  }

  /** Why nobody may come with a password now: asked before a body is read, told to one caller in a turn of the event loop. */
  refusal(): Promise<ProblemError> | undefined {
    return this.#turnstile.isFull ? this.#refusals.next().then(busy) : undefined
  }

  /**
   * Keeps a place for a password that is about to be verified, and refuses before any other work what would be refused
   * anyhow: a flood of sign-ins must cost next to nothing. Of those who have a place too, one begins in a turn.
   *
   * @returns gives the place back
   * @throws {ProblemError} `KWIK_ACCOUNTS_BUSY`
   */
  async keepPlace(): Promise<() => void> {
    const refusal = this.refusal()
    if (refusal) throw await refusal
    const leave = this.#turnstile.expect()
    await this.#arrivals.next()
    return leave
  }

  /** Hashes a password that is there already, whatever the policy says by now. @throws {ProblemError} `KWIK_ACCOUNTS_BUSY` */
  rehash(password: string): Promise<string> {
    return this.#turnstile.run(() => this.#hashing.hash(password.normalize('NFC')))
  }

  /**
   * Whether the password belongs to the hash. Without a hash it works as long and says no: time does not tell who has an
   * account.
   *
   * @param leave gives back the place that was kept, once there is one at the turnstile
   * @throws {ProblemError} `KWIK_INVALID` over 1024 characters, `KWIK_ACCOUNTS_BUSY`
   */
  async verify(
    password: string,
    hash: string | undefined,
    { pointer = '/password', leave }: { readonly pointer?: string; readonly leave?: () => void } = {},
  ): Promise<Verdict> {
    const normal = password.normalize('NFC')
    // Characters as people count them, nearly: an emoji is two in JavaScript.
    if ([...normal].length > longest)
      throw invalid([{ code: 'too-long', detail: `must have ${longest} characters at most`, pointer }])
    const nobodys = await this.#nobody()
    // An empty hash is answered at once, which would tell.
    const known = hash !== undefined && hash !== ''
    leave?.()
    const verdict = await this.#turnstile.run(() => this.#check(normal, known ? hash : nobodys))
    return known ? verdict : 'wrong'
  }

  /** Whether a hash should be made again, now that the password is known. */
  isOutdated(hash: string): boolean {
    return !hash.startsWith(current)
  }

  /** The hash of nobody's password. One that could not be made is tried again. */
  #nobody(): Promise<string> {
    this.#nobodys ??= this.#hashing.hash(crypto.randomUUID()).catch((error) => {
      this.#nobodys = undefined
      throw error
    })
    return this.#nobodys
  }

  async #check(password: string, hash: string): Promise<Verdict> {
    try {
      return (await this.#hashing.verify(password, hash)) ? 'right' : 'wrong'
    } catch (error) {
      this.#parts.logger.error('a stored password hash cannot be read', { error: String((error as Error).message) })
      return 'unreadable'
    }
  }
}
