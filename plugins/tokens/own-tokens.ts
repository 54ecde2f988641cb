import { jwt } from '@elysiajs/jwt'
import { type Duration, milliseconds } from '#core/internal/duration'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { resolveTokenServiceOptions, type TokenServiceOptions } from './options.ts'

/** What an app's own token says. `iss`, `aud`, `exp` and `iat` are written by Kwik. */
export interface OwnClaims {
  readonly sub?: string
  readonly jti?: string
  /** Seconds since 1970 before which it is not good. */
  readonly nbf?: number
  readonly iss?: never
  readonly aud?: never
  readonly exp?: never
  readonly iat?: never
  readonly [name: string]: unknown
}

/** What a verified token of the app's own says. */
export interface ReadClaims {
  readonly sub?: string
  readonly jti?: string
  /** Seconds since 1970. */
  readonly exp: number
  readonly [name: string]: unknown
}

export interface SignOptions {
  /** What the token is for: one of another purpose is no token of this one. @default 'own' */
  readonly purpose?: string
  /** How long it is good. @default '15m' */
  readonly expires?: Duration
}

/** The tokens of an app itself: links of invitations, downloads. They sign nobody in. */
export interface OwnTokens {
  /** @throws {TypeError} for a purpose that is no name, or a life that is none */
  sign(claims: OwnClaims, options?: SignOptions): Promise<string>
  /** What the token says; `undefined` for any that is not good now, and not of this purpose. */
  verify(token: string, options?: Pick<SignOptions, 'purpose'>): Promise<ReadClaims | undefined>
}

/** Adds `jwt` to the context. */
export type OwnTokensPlugin = KwikPlugin<{ decorator: { jwt: OwnTokens } }>

type Library = ReturnType<typeof jwt>['decorator']['jwt']

const type = 'kwik-own+jwt'
const longest = 8192

/**
 * Adds `ctx.jwt`: JSON Web Tokens for an app's own ends, by @elysiajs/jwt with everything said that it leaves open. The
 * algorithm is HS256, each purpose has a key of its own, tokens always expire, issuer and audience are checked. From
 * `kwik/tokens`; `kwik({ tokens: { secret, jwt: true } })` brings it.
 *
 * @throws {TypeError} for a weak or missing secret
 * @example
 * const app = new Elysia()
 *   .use(core())
 *   .use(ownTokens({ secret: process.env.KWIK_SECRET ?? '' }))
 *   .get('/invitation', ({ jwt }) => jwt.sign({ team: 7 }, { purpose: 'invitation', expires: '2d' }), { public: true })
 */
export function ownTokens(options: TokenServiceOptions): OwnTokensPlugin {
  return definePlugin<OwnTokensPlugin, TokenServiceOptions>({
    name: 'own-tokens',
    options,
    keys: [],
    decorate: { jwt: ownTokenService(options) },
    setup: () => ({}),
  })
}

/** The same without a context: for jobs and tests. @throws {TypeError} for a weak or missing secret */
export function ownTokenService(options: TokenServiceOptions): OwnTokens {
  const { ring, issuer, audience, clock } = resolveTokenServiceOptions(options)
  const made = new Map<string, readonly Library[]>()
  /** The active key's first. */
  const librariesOf = (purpose: string): readonly Library[] => {
    const known = made.get(purpose)
    if (known !== undefined) return known
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(purpose))
      throw new TypeError('a purpose is named in lower case letters, digits and -, such as email-change')
    // Never used as a plugin: its `seed` would keep the key where every part of the app can read it.
    const libraries = ring
      .derived(`own/${purpose}`)
      .map((secret) => jwt({ name: 'jwt', secret, alg: 'HS256', typ: type }).decorator.jwt)
    if (libraries.length === 0) throw new TypeError('own tokens need a secret, or a private key, among the keys')
    made.set(purpose, libraries)
    return libraries
  }
  return {
    async sign(claims, { purpose = 'own', expires = '15m' } = {}) {
      const seconds = Math.floor(milliseconds(expires) / 1000)
      if (seconds < 1) throw new TypeError('a token must live one second at least')
      const exp = Math.floor(clock.now() / 1000) + seconds
      const said = { ...claims, iss: issuer, aud: audience, exp, iat: true }
      return librariesOf(purpose)[0]!.sign(said as never)
    },
    async verify(token, { purpose = 'own' } = {}) {
      const libraries = librariesOf(purpose)
      if (typeof token !== 'string' || token.length > longest) return undefined
      for (const library of libraries) {
        const read = await library.verify(token, {
          algorithms: ['HS256'],
          typ: type,
          issuer,
          audience,
          requiredClaims: ['exp', 'iat'],
          currentDate: new Date(clock.now()),
        })
        if (read !== false && Number.isSafeInteger(read.exp)) return read as unknown as ReadClaims
      }
      return undefined
    },
  }
}
