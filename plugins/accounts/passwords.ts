import { availableParallelism } from 'node:os'
import type { ProblemIssue } from '#core/problem'
import { invalid } from './errors.ts'
import type { Parts } from './parts.ts'
import type { PasswordHashing } from './ports.ts'
import { Turnstile } from './turnstile.ts'

const shortest = 8
const longest = 1024
const waiting = 50

/** Hashes made now start so; others are replaced when their owner signs in (OWASP: 19 MiB, 2 passes, 1 lane). */
const current = '$argon2id$v=19$m=19456,t=2,p=1$'

/** Checks and hashes passwords, a few at a time. */
export class Passwords {
  readonly #hashing: PasswordHashing
  readonly #parts: Pick<Parts, 'logger'>
  readonly #turnstile = new Turnstile(2 * availableParallelism(), waiting)
  #nobodys: Promise<string> | undefined

  constructor(hashing: PasswordHashing, parts: Pick<Parts, 'logger'>) {
    this.#hashing = hashing
    this.#parts = parts
  }

  /**
   * @throws {ProblemError} `KWIK_INVALID` outside 8 to 1024 characters, `KWIK_ACCOUNTS_BUSY` when too many are hashed at once
   */
  async hash(password: string): Promise<string> {
    const normal = password.normalize('NFC')
    const issue = lengthIssue(normal)
    if (issue) throw invalid([issue])
    return this.#turnstile.run(() => this.#hashing.hash(normal))
  }

  /**
   * Whether the password belongs to the hash. Without a hash it works as long and answers `false`: time does not tell
   * who has an account.
   *
   * @throws {ProblemError} `KWIK_INVALID` over 1024 characters, `KWIK_ACCOUNTS_BUSY`
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const normal = password.normalize('NFC')
    const issue = lengthIssue(normal)
    if (issue?.code === 'too-long') throw invalid([issue])
    const nobodys = await this.#nobody()
    // An empty hash is answered at once, which would tell.
    const known = hash !== undefined && hash !== ''
    const right = await this.#turnstile.run(() => this.#check(normal, known ? hash : nobodys))
    return known && right
  }

  /** Whether the password has the length that a new one must have. */
  takes(password: string): boolean {
    return lengthIssue(password.normalize('NFC')) === undefined
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

  async #check(password: string, hash: string): Promise<boolean> {
    try {
      return await this.#hashing.verify(password, hash)
    } catch (error) {
      this.#parts.logger.error('a stored password hash cannot be read', { error: String((error as Error).message) })
      return false
    }
  }
}

function lengthIssue(password: string): ProblemIssue | undefined {
  // Characters as people count them, nearly: an emoji is two in JavaScript.
  const { length } = [...password]
  if (length >= shortest && length <= longest) return undefined
  return {
    code: length < shortest ? 'too-short' : 'too-long',
    detail: `must have ${shortest} to ${longest} characters`,
    pointer: '/password',
  }
}
