import type { IssuedToken, TokenIssuer, TokenSubject } from '#core/ports/token-issuer'
import type { Purpose } from './keys/secrets.ts'
import { type ResolvedTokenServiceOptions, resolveTokenServiceOptions, type TokenServiceOptions } from './options.ts'

/** What a verified access token says. Everything else about its owner is read from the accounts. */
export interface AccessClaims {
  /** Id of the account. */
  readonly sub: string
  /** The account's token version when it was issued. */
  readonly sv: number
  /** Seconds since 1970. */
  readonly iat: number
  readonly exp: number
  readonly nbf?: number
  /** Id of the token itself. */
  readonly jti: string
  /** The session that it belongs to. */
  readonly sid?: string
  /** Who really acts (RFC 8693, 4.1). */
  readonly act?: { readonly sub: string }
  /** The only tenant that it is good for. */
  readonly tid?: string
}

/** Issues and verifies access tokens. */
export interface TokenService extends TokenIssuer {
  /** What the token says; `'expired'` for one that was good, `'invalid'` for anything else. */
  verify(token: string): Promise<AccessClaims | 'expired' | 'invalid'>
}

/** A service as the plugin uses it: what does not change of a token is read once, the time is looked at each time. */
export interface TokenReader {
  /** What a token says that we signed for this app; `undefined` for any other. */
  read(token: string): AccessClaims | undefined | Promise<AccessClaims | undefined>
}

/** Seconds by which the clocks of two servers may differ. */
const skew = 30

/**
 * Issues and verifies access tokens: JSON Web Tokens of the type `at+jwt`. From `kwik/tokens`.
 *
 * @throws {TypeError} when the secret is missing or weak
 * @example
 * const service = tokenService({ secret: process.env.KWIK_SECRET ?? '' })
 * const { token, expiresIn } = await service.issue({ id: user.id, tokenVersion: user.tokenVersion })
 * @see https://www.rfc-editor.org/rfc/rfc9068
 */
export function tokenService(options: TokenServiceOptions): TokenService & TokenReader {
  const resolved = resolveTokenServiceOptions(options)
  const read = (token: string): ReturnType<TokenReader['read']> => readToken(resolved, token)
  return {
    issue: (subject) => issueAt(resolved, subject, resolved.clock.now()),
    async verify(token) {
      const claims = await read(token)
      return claims === undefined ? 'invalid' : (ageOf(claims, resolved.clock.now()) ?? claims)
    },
    read,
  }
}

/**
 * The keys of one purpose, of all keys that are not retired, the active one first. From `kwik/tokens`.
 * @throws {TypeError} as `tokenService` does
 */
export const derivedKeys = (options: TokenServiceOptions, purpose: Purpose): readonly Uint8Array<ArrayBuffer>[] =>
  resolveTokenServiceOptions(options).ring.derived(purpose)

/** @param now milliseconds, by the clock that sessions go by */
export async function issueAt(
  { ring, issuer, audience, ttl }: ResolvedTokenServiceOptions,
  { id, tokenVersion, sessionId, actorId, tenant }: TokenSubject,
  now: number,
): Promise<IssuedToken> {
  const iat = Math.floor(now / 1000)
  const token = await ring.sign({
    sv: tokenVersion,
    iss: issuer,
    aud: audience,
    sub: id,
    jti: crypto.randomUUID(),
    iat,
    exp: iat + ttl,
    ...(sessionId !== undefined && { sid: sessionId }),
    ...(actorId !== undefined && { act: { sub: actorId } }),
    ...(tenant !== undefined && { tid: tenant }),
  })
  return { token, expiresIn: ttl }
}

/** Header, key, issuer and audience are ours, never the token's: RFC 8725, 3. */
export function readToken(
  options: ResolvedTokenServiceOptions,
  token: string,
): AccessClaims | undefined | Promise<AccessClaims | undefined> {
  const signed = options.ring.verify(token)
  if (signed === false) return undefined
  return signed === true ? claimsOf(options, token) : signed.then((yes) => (yes ? claimsOf(options, token) : undefined))
}

type Loose = { readonly [K in keyof AccessClaims]?: unknown } & { readonly iss?: unknown; readonly aud?: unknown }

function claimsOf({ issuer, audience }: ResolvedTokenServiceOptions, token: string): AccessClaims | undefined {
  const claims = objectIn(token.slice(token.indexOf('.') + 1, token.lastIndexOf('.')))
  if (claims === undefined) return undefined
  const { sub, sv, iat, exp, nbf, jti, sid, act, tid, iss, aud } = claims
  if (iss !== issuer || !(Array.isArray(aud) ? aud.includes(audience) : aud === audience)) return undefined
  if (typeof sub !== 'string' || sub === '' || typeof jti !== 'string') return undefined
  // Number.isSafeInteger keeps 1e400, which JSON reads as Infinity, from living for ever.
  if (!isWhole(exp) || !isWhole(sv) || !isWhole(iat) || !(nbf === undefined || isWhole(nbf))) return undefined
  if (sid !== undefined && typeof sid !== 'string') return undefined
  if (tid !== undefined && (typeof tid !== 'string' || tid === '')) return undefined
  const actor = (act as { readonly sub?: unknown } | undefined)?.sub
  if (act !== undefined && typeof actor !== 'string') return undefined
  return {
    sub,
    sv,
    iat,
    exp,
    jti,
    ...(nbf !== undefined && { nbf }),
    ...(sid !== undefined && { sid }),
    ...(actor !== undefined && { act: { sub: actor as string } }),
    ...(tid !== undefined && { tid }),
  }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

function objectIn(part: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Why a token is not good at a time, if it is not. @param now milliseconds */
export function ageOf({ exp, iat, nbf }: AccessClaims, now: number): 'expired' | 'invalid' | undefined {
  const seconds = now / 1000
  if (iat > seconds + skew || (nbf !== undefined && nbf > seconds)) return 'invalid'
  return exp <= seconds ? 'expired' : undefined
}
