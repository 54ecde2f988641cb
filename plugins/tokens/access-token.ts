import { errors, jwtVerify, SignJWT } from 'jose'
import type { IssuedToken, TokenIssuer } from '#core/ports/token-issuer'
import { type ResolvedTokenServiceOptions, resolveTokenServiceOptions, type TokenServiceOptions } from './options.ts'

/** What a verified access token says. Everything else about its owner is read from the accounts. */
export interface AccessClaims {
  /** Id of the account. */
  readonly sub: string
  /** The account's token version when it was issued. */
  readonly sv: number
  /** Seconds since 1970. */
  readonly exp: number
  /** Id of the token itself. */
  readonly jti: string
  /** The only tenant that it is good for. */
  readonly tid?: string
}

/** Issues and verifies access tokens. */
export interface TokenService extends TokenIssuer {
  /** What the token says; `'expired'` for one that was good, `'invalid'` for anything else. */
  verify(token: string): Promise<AccessClaims | 'expired' | 'invalid'>
}

/** Seconds by which the clocks of two servers may differ. */
const skew = 30

/**
 * Issues and verifies access tokens: JSON Web Tokens of the type `at+jwt`, signed with HS256. From `kwik/tokens`.
 *
 * @throws {TypeError} when the secret is missing or weak
 * @example
 * const service = tokenService({ secret: process.env.KWIK_SECRET ?? '' })
 * const { token, expiresIn } = await service.issue({ id: user.id, tokenVersion: user.tokenVersion })
 * @see https://www.rfc-editor.org/rfc/rfc9068
 */
export function tokenService(options: TokenServiceOptions): TokenService {
  const resolved = resolveTokenServiceOptions(options)
  return {
    issue: (subject) => issue(resolved, subject),
    verify: (token) => verify(resolved, token),
  }
}

async function issue(
  { ring, issuer, audience, ttl, clock }: ResolvedTokenServiceOptions,
  { id, tokenVersion, tenant }: Parameters<TokenIssuer['issue']>[0],
): Promise<IssuedToken> {
  const now = Math.floor(clock.now() / 1000)
  const { kid, key } = ring.active
  const token = await new SignJWT({ sv: tokenVersion, ...(tenant !== undefined && { tid: tenant }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(id)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + ttl)
    .sign(await key)
  return { token, expiresIn: ttl }
}

/** Algorithm, type, issuer and audience are ours, never the token's: RFC 8725, 3. */
async function verify(
  { ring, issuer, audience, clock }: ResolvedTokenServiceOptions,
  token: string,
): Promise<AccessClaims | 'expired' | 'invalid'> {
  const now = clock.now()
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = typeof kid === 'string' ? ring.verifying(kid) : undefined
        if (key === undefined) throw new errors.JWKSNoMatchingKey()
        return key
      },
      {
        algorithms: ['HS256'],
        typ: 'at+jwt',
        issuer,
        audience,
        requiredClaims: ['sub', 'iat', 'exp', 'jti', 'sv'],
        currentDate: new Date(now),
      },
    )
    const { sub, sv, exp, iat, jti, tid } = payload
    if (typeof sub !== 'string' || sub === '' || typeof jti !== 'string') return 'invalid'
    // Number.isSafeInteger keeps 1e400, which JSON reads as Infinity, from living for ever.
    if (!Number.isSafeInteger(exp) || !Number.isSafeInteger(sv)) return 'invalid'
    if (!Number.isSafeInteger(iat) || iat! > now / 1000 + skew) return 'invalid'
    if (tid !== undefined && (typeof tid !== 'string' || tid === '')) return 'invalid'
    return { sub, sv: sv as number, exp: exp!, jti, ...(tid !== undefined && { tid }) }
  } catch (error) {
    return error instanceof errors.JWTExpired ? 'expired' : 'invalid'
  }
}
