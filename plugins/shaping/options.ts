import { randomBytes } from 'node:crypto'
import { type Duration, milliseconds } from '#core/internal/duration'

/** What the shaping plugin needs. */
export interface ShapingOptions {
  /**
   * Secrets that cursors are signed with, 32 characters each or more: the first signs, the others still open what they
   * signed. Without keys they are random for each process, and cursors end when it does.
   */
  readonly keys?: readonly string[]
  /** How long cursors hold, and for whom: `{ ttl: '1h', bind: 'user' }`. A shape's own words count more. @default for ever, for everybody */
  readonly cursors?: CursorRules
  /**
   * Where clients reach the app, `https://api.example.com` or with a path: Link headers are absolute then. Without it they
   * are absolute where a trusted proxy says scheme and host (X-Forwarded-Proto and -Host, or Forwarded), else relative.
   */
  readonly baseUrl?: string
}

/** How long cursors hold, and for whom. */
export interface CursorRules {
  /** After this a cursor is `cursor-expired`. @default for ever */
  readonly ttl?: Duration
  /** `'user'`: to anybody else than the caller whom it was given to a cursor is `cursor-mismatch`. @default for everybody */
  readonly bind?: 'user'
}

export interface ResolvedCursorRules {
  /** Milliseconds. */
  readonly ttl?: number
  readonly bind?: 'user'
}

/** What holds for all lists of an app. */
export interface AppRules {
  readonly cursors: ResolvedCursorRules
  /** Without a slash at its end. */
  readonly baseUrl?: string
}

const shortest = 32

/** @throws {TypeError} when a key is shorter than 32 characters */
export function resolveKeys({ keys }: ShapingOptions): readonly string[] {
  if (keys === undefined) return [randomBytes(32).toString('base64url')]
  if (keys.length === 0) throw new TypeError('keys: give at least one, or leave `keys` out')
  const short = keys.findIndex((key) => key.length < shortest)
  if (short !== -1) throw new TypeError(`keys[${short}] is shorter than ${shortest} characters`)
  return keys
}

/** @throws {TypeError} for a `baseUrl` that is none, and for wrong rules of cursors */
export const resolveRules = ({ cursors, baseUrl }: ShapingOptions): AppRules => ({
  cursors: resolveCursorRules(cursors),
  ...(baseUrl !== undefined && { baseUrl: resolveBase(baseUrl) }),
})

function resolveBase(text: string): string {
  const url = URL.parse(text)
  const isPlain =
    url && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}${url.password}` === ''
  if (!isPlain || /[?#]/.test(text))
    throw new TypeError(`baseUrl: ${JSON.stringify(text)} is not an address such as https://api.example.com`)
  return url.href.replace(/\/+$/, '')
}

/** @throws {TypeError} for a time that is none, and for another word than `user` */
export function resolveCursorRules({ ttl, bind }: CursorRules = {}): ResolvedCursorRules {
  const lasts = ttl === undefined ? undefined : milliseconds(ttl)
  if (lasts !== undefined && lasts < 1000) throw new TypeError(`cursors.ttl: ${ttl} is shorter than a second`)
  if (bind !== undefined && bind !== 'user') throw new TypeError(`cursors.bind: "${bind}" is not 'user'`)
  return { ...(lasts !== undefined && { ttl: lasts }), ...(bind && { bind }) }
}
