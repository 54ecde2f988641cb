import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AppRules } from '../options.ts'
import { CursorKey } from './cursor-key.ts'

/** Where in which list a page begins: what a cursor says under its signature. */
export interface Position {
  /** Which list, order and filters it is of, as a hash, and which store has the rows. */
  readonly h: string
  /** Keys of the row in the order's terms, as the database's text; `null` is NULL. */
  readonly k: readonly (string | null)[]
  /** The row's primary key alone, in place of keys that would be too long for a cursor. */
  readonly p?: readonly string[] | undefined
  /** Hash of the caller's id, where the list binds its cursors to them. */
  readonly u?: string | undefined
  /** When it ends, in seconds since 1970. */
  readonly e?: number | undefined
}

/** Why a text is no cursor. An expired one is of a version that is not written any more. */
export type Broken = 'invalid-cursor' | 'cursor-expired'

const longest = 2048
/** Cursors that a ring remembers. */
const most = 500

/**
 * Signs, seals and opens cursors; the form is told at `CursorKey`. The first key writes; the others still open what they
 * wrote, so that keys can be rotated. A cursor names its key: one is tried. It grants nothing, it only says where to go on.
 */
export class KeyRing {
  /** What holds for all lists of the app. */
  readonly rules: AppRules
  private readonly first: CursorKey
  private readonly keys: ReadonlyMap<string, CursorKey>
  /** Of the pages that everybody reads: what they lead to is signed once, and read once. */
  private readonly made = new LRUCache<string, string>({ max: most })
  private readonly opened = new LRUCache<string, Position>({ max: most })

  constructor(secrets: readonly string[], rules: AppRules = { cursors: {} }) {
    const keys = secrets.map((secret) => new CursorKey(secret))
    this.rules = rules
    this.first = keys[0]!
    this.keys = new Map(keys.reverse().map((key) => [key.id, key]))
  }

  /**
   * `undefined` when it would be longer than `open` takes.
   * @param how.sealed whether nobody may read in it: where a key is of a field that not everybody sees
   */
  sign({ h, k, p, u, e }: Position, { sealed }: { readonly sealed: boolean }): string | undefined {
    const key = this.first
    // Only one that is signed says its key.
    const json = JSON.stringify({ h, k, p, u, e, i: sealed ? undefined : key.id })
    const known = this.made.get(json)
    if (known !== undefined) return known
    const cursor = sealed ? key.seal(json) : key.sign(json)
    if (cursor.length > longest) return undefined
    this.made.set(json, cursor)
    return cursor
  }

  /** Checks who wrote it before it believes anything that is written. */
  open(cursor: string): Position | Broken {
    const known = this.opened.get(cursor)
    if (known !== undefined) return known
    const position = this.read(cursor)
    if (typeof position !== 'string') this.opened.set(cursor, position)
    return position
  }

  private read(cursor: string): Position | Broken {
    const [version = '', middle = '', end = '', ...more] = cursor.length > longest ? [] : cursor.split('.')
    if (middle === '' || end === '' || more.length > 0) return 'invalid-cursor'
    if (version === 'k1') return positionIn(this.signed(middle, end))
    if (version === 'k2') return positionIn(this.keys.get(middle)?.unseal(end))
    const isForeign = this.signed(middle, end) === undefined && this.keys.get(middle)?.unseal(end) === undefined
    // What we wrote is not of another version: its first letters were changed.
    return /^k\d{1,3}$/.test(version) && isForeign ? 'cursor-expired' : 'invalid-cursor'
  }

  private signed(payload: string, signature: string): unknown {
    const said = parsed(Buffer.from(payload, 'base64url').toString())
    const id = (said as { readonly i?: unknown } | null | undefined)?.i
    return typeof id === 'string' && this.keys.get(id)?.signed(payload, signature) ? said : undefined
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Who knows a key may write anything with it. */
const positionIn = (said: unknown): Position | Broken => {
  const position = typeof said === 'string' ? parsed(said) : said
  return isPosition(position) ? position : 'invalid-cursor'
}

function isPosition(said: unknown): said is Position {
  if (typeof said !== 'object' || said === null) return false
  const { h, k, p, u = '', e = 0 } = said as Readonly<Record<string, unknown>>
  const isText = (one: unknown): boolean => typeof one === 'string'
  if (!isText(h) || !isText(u) || !Number.isSafeInteger(e)) return false
  if (!Array.isArray(k) || !k.every((one) => one === null || isText(one))) return false
  return p === undefined || (Array.isArray(p) && p.every(isText))
}

/** Short hash of a text that is not secret. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16)
