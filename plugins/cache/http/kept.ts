import { createHash } from 'node:crypto'
import { isKnownTag } from '#core/internal/etags'
import { weighed } from '#core/internal/weight'
import type { Scope } from '#core/scope'
import type { Beginning } from '#core/works'
import type { Entry, Lifetime } from '../engine/index.ts'
import type { Controls } from './controls.ts'

type Header = readonly [name: string, value: string]

/** An answer as it is stored: one line of JSON, then the body. */
interface Head {
  readonly status: number
  readonly headers: readonly Header[]
  readonly etag?: string
  /** What the handler said of caching. */
  readonly control?: string
  /** The body is no text, and stands there as base64. */
  readonly binary?: true
}

/** When and for how long an answer was made; absent where it is not kept. */
export type Birth = Pick<Entry, 'at' | 'life'>

/** An answer that can be given many times. */
export class Kept {
  readonly status: number
  readonly etag: string | undefined
  readonly control: string | undefined
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly bytes: number
  readonly #head: Head
  /** The headers that were made last: of one second, and of callers of one kind. */
  #made: Headers | undefined
  #age = 0
  #beginning: Beginning | undefined

  constructor(head: Head, body: string | Uint8Array<ArrayBuffer>) {
    this.#head = head
    this.status = head.status
    this.etag = head.etag
    this.control = head.control
    this.body = body
    this.bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  }

  get payload(): string {
    const { body } = this
    return `${JSON.stringify(this.#head)}\n${typeof body === 'string' ? body : Buffer.from(body).toString('base64')}`
  }

  /** 304 for a client that has it (RFC 9110, 13.1.2); `undefined` for others. */
  known(scope: Scope, controls: Controls, birth: Birth | undefined, age = 0): Response | undefined {
    if (this.etag === undefined || this.status !== 200) return undefined
    if (!isKnownTag(scope.request.headers.get('if-none-match'), this.etag)) return undefined
    return weighed(new Response(null, { status: 304, headers: this.#ofKnown(controls, birth, age) }), 0)
  }

  /** The answer as it leaves the first time: with all that its handler has put on it. */
  first({ headers }: Response, controls: Controls, birth: Birth | undefined): Response {
    const own = new Response(this.body, { status: this.status, headers })
    const made = this.#headers(controls, birth, 0, undefined)
    for (const name of ['content-type', 'etag', 'cache-control', 'vary']) {
      const value = made.get(name)
      if (value !== null) own.headers.set(name, value)
    }
    return weighed(own, this.bytes)
  }

  /** The answer to one request. @param now of the engine's clock */
  answer(scope: Scope, controls: Controls, birth: Birth | undefined, now: number): Response {
    const age = birth === undefined ? 0 : Math.floor((now - birth.at) / 1000)
    const known = this.known(scope, controls, birth, age)
    if (known !== undefined) return known
    const beginning = scope.app?.begin?.(scope)
    if (this.#made === undefined || age !== this.#age || beginning !== this.#beginning) {
      this.#made = this.#headers(controls, birth, age, beginning)
      this.#age = age
      this.#beginning = beginning
    }
    const response = weighed(new Response(this.body, { status: this.status, headers: this.#made }), this.bytes)
    if (beginning !== undefined) {
      scope.begun = response
      scope.beginning = beginning
    }
    return response
  }

  #headers(controls: Controls, birth: Birth | undefined, age: number, beginning: Beginning | undefined): Headers {
    const made = new Headers(beginning?.text)
    if (this.status !== 200 && beginning !== undefined) made.delete('content-type')
    for (const [name, value] of this.#head.headers) made.set(name, value)
    if (birth === undefined) return made
    if (this.etag !== undefined) made.set('etag', this.etag)
    made.set('cache-control', this.control ?? controls.of(birth.life))
    if (controls.vary !== undefined && !made.has('vary')) made.set('vary', controls.vary)
    if (age > 0 && controls.saysAge) made.set('age', String(age))
    return made
  }

  /** What 304 says of the answer (RFC 9110, 15.4.5), and how old it is: the client counts `max-age` from there. */
  #ofKnown(controls: Controls, birth: Birth | undefined, age: number): Headers {
    const all = this.#headers(controls, birth, age, undefined)
    for (const name of [...all.keys()]) if (!ofKnown.has(name)) all.delete(name)
    return all
  }
}

const ofKnown: ReadonlySet<string> = new Set([
  'etag',
  'vary',
  'cache-control',
  'age',
  'last-modified',
  'content-location',
])

/** What an entry holds, read once for a local copy; `undefined` for what cannot be read. */
export function keptOf(entry: Entry): Kept | undefined {
  if (entry.made instanceof Kept) return entry.made
  const end = entry.payload.indexOf('\n')
  if (end === -1) return undefined
  try {
    const head: unknown = JSON.parse(entry.payload.slice(0, end))
    if (!isHead(head)) return undefined
    const rest = entry.payload.slice(end + 1)
    const kept = new Kept(head, head.binary ? new Uint8Array(Buffer.from(rest, 'base64')) : rest)
    entry.made = kept
    return kept
  } catch {
    return undefined
  }
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false
  const { status, headers, etag, control } = value as Partial<Record<keyof Head, unknown>>
  const isText = (one: unknown): boolean => one === undefined || typeof one === 'string'
  return typeof status === 'number' && Array.isArray(headers) && isText(etag) && isText(control)
}

export type { Head, Lifetime }

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The body as a text, where it is one, so that it is stored as it is. */
export function bodyOf(bytes: Uint8Array<ArrayBuffer>): string | Uint8Array<ArrayBuffer> {
  try {
    return strict.decode(bytes)
  } catch {
    return bytes
  }
}

interface Hasher {
  hash: { xxHash3(bytes: Uint8Array): bigint }
}
const bun = (globalThis as { Bun?: Hasher }).Bun

/** Weak, as the same answer may leave compressed. It is for one address: what others have there does not meet it. */
export function tagOf(bytes: Uint8Array): string {
  const hash =
    bun === undefined
      ? createHash('sha1').update(bytes).digest('base64url').slice(0, 16)
      : bun.hash.xxHash3(bytes).toString(36)
  return `W/"${hash}"`
}
