import type { ProblemIssue } from '#core/problem'
import { isCommon } from './guessed-passwords.ts'

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string
  readonly name?: string | null
}

/** What a new password must be. Passwords that are there stay good whatever is said here. */
export interface PasswordPolicy {
  /** Characters at least, 8 to 128. @default 8 */
  readonly minLength?: number
  /** Characters at most, 64 to 1024. @default 1024 */
  readonly maxLength?: number
  /** Refuse passwords that everybody tries first: a short list, and what is made of its words. @default true */
  readonly refuseCommon?: boolean
  /** Refuse passwords that contain the owner's address or name. @default true */
  readonly refusePersonal?: boolean
  /**
   * The app's own word, such as a look at haveibeenpwned.com: answers what is wrong with the password ("was in a leak"), or
   * nothing. It is asked last. Never log what it is given.
   */
  readonly check?: (password: string, owner: PasswordOwner) => string | undefined | Promise<string | undefined>
}

/** Says what is wrong with a new password. */
export interface PasswordRules {
  readonly minLength: number
  readonly maxLength: number
  issuesOf(password: string, owner: PasswordOwner, pointer: string): Promise<readonly ProblemIssue[]>
}

/** Shorter words are in too many others. */
const shortestWord = 4

/** @throws {TypeError} for lengths that make no sense */
export function passwordRules(policy: PasswordPolicy = {}): PasswordRules {
  const { minLength = 8, maxLength = 1024, refuseCommon = true, refusePersonal = true, check } = policy
  within('minLength', minLength, 8, 128)
  within('maxLength', maxLength, 64, 1024)
  return {
    minLength,
    maxLength,
    async issuesOf(password, owner, pointer) {
      const { length } = [...password]
      if (length < minLength || length > maxLength)
        return [
          {
            code: length < minLength ? 'too-short' : 'too-long',
            detail: `must have ${minLength} to ${maxLength} characters`,
            pointer,
          },
        ]
      if (refuseCommon && isCommon(password))
        return [{ code: 'common-password', detail: 'is among the first that everybody tries', pointer }]
      const word = refusePersonal ? personalWordIn(password, owner) : undefined
      if (word !== undefined)
        return [{ code: 'personal-password', detail: `must not contain the ${word} it is for`, pointer }]
      const own = await check?.(password, owner)
      return own === undefined ? [] : [{ code: 'password-refused', detail: own, pointer }]
    },
  }
}

function personalWordIn(password: string, { email, name }: PasswordOwner): string | undefined {
  const text = folded(password)
  const has = (word: string): boolean => [...word].length >= shortestWord && text.includes(word)
  const address = folded(email)
  if (has(address) || has(address.slice(0, Math.max(0, address.lastIndexOf('@'))))) return 'address'
  const words = folded(name ?? '')
  return [words, words.replaceAll(/\s+/gu, ''), ...words.split(/\s+/u)].some(has) ? 'name' : undefined
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase().trim()

function within(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new TypeError(`passwords.${name} is a whole number from ${least} to ${most}, not ${value}`)
}
