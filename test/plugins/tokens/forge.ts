import { createHmac } from 'node:crypto'
import { decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose'
import type { Account, Principals } from '#core/ports/principals'
import { deriveKey, tokenService } from '../../../plugins/tokens/index.ts'

export const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
export const otherSecret = 'an0ther-s3cret-9876543210-zyxwvutsrqponm'

/** The kid that a secret's tokens carry. */
export const kidOf = async (of: string = secret): Promise<string> =>
  decodeProtectedHeader((await tokenService({ secret: of }).issue({ id: 'x', tokenVersion: 1 })).token).kid ?? ''

/** What a good token says; cases change one thing of it. */
export function goodClaims(now: number = Date.now()): JWTPayload {
  const seconds = Math.floor(now / 1000)
  return { iss: 'kwik', aud: 'kwik', sub: 'ann', jti: 'j1', iat: seconds, exp: seconds + 600, sv: 1 }
}

/** A token signed with the real key: only what it says is wrong. */
export async function sign(
  claims: JWTPayload,
  header: Record<string, unknown> = {},
  key: CryptoKey | Uint8Array = deriveKey(secret, 'access'),
): Promise<string> {
  const whole = { alg: 'HS256', typ: 'at+jwt', kid: await kidOf(), ...header }
  return new SignJWT(claims).setProtectedHeader(whole).sign(key)
}

/** A token whose claims are any text, such as `{"exp":1e400}`. */
export async function signText(claims: string, header: Record<string, unknown> = {}): Promise<string> {
  const head = JSON.stringify({ alg: 'HS256', typ: 'at+jwt', kid: await kidOf(), ...header })
  const body = [head, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const key = deriveKey(secret, 'access')
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
}

/** People in memory, as accounts would know them. */
export class People implements Principals {
  readonly accounts = new Map<string, Account>()
  loads = 0
  fresh = new Set<string>()

  add(id: string, tokenVersion = 1, ...permissions: string[]): this {
    this.accounts.set(id, { user: { id }, permissions: new Set(permissions), tokenVersion })
    return this
  }

  async load(id: string): Promise<Account | undefined> {
    this.loads++
    this.fresh.add(id)
    return this.accounts.get(id)
  }

  peek(id: string): Account | undefined {
    return this.fresh.has(id) ? this.accounts.get(id) : undefined
  }
}
