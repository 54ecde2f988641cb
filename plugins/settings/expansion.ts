import { didYouMean } from '#core/internal/spelling'
import { coerce } from './coerce.ts'
import { invalid, type SettingsFault } from './errors.ts'
import { broken } from './files/located.ts'
import type { Candidate, History } from './history.ts'
import type { Leaf } from './leaves.ts'
import { isReference } from './secrets/reference.ts'

/** What references came to, by reference: the text, or why there is none. */
export type Lookup = ReadonlyMap<string, { readonly text: string } | { readonly fault: SettingsFault } | 'unread'>

/** A reference that a setting needs, and where it stands. */
export interface Needed {
  readonly uri: string
  readonly key: string
  readonly from: string
}

/** A value on its way: with everything put in, but not yet checked. */
interface Expanded {
  readonly value: unknown
  /** Why a text is no value. */
  readonly fault?: string
  /** Whether a store of secrets gave a part of it. */
  readonly secret: boolean
}

/** `unread`: somebody has it, but nobody asked (`--offline`). */
export type Outcome = Expanded | 'unread' | 'unset' | 'failed'

/**
 * Puts into the values that count what they name: other settings as `${server.host}`, secrets as `secret://vault/app#key`.
 * Run once without secrets it tells which are needed, and a second time with them it gives the values.
 */
export class Expansion {
  readonly faults: SettingsFault[] = []
  readonly needed: Map<string, Needed> = new Map()
  private readonly done = new Map<string, Outcome>()
  private readonly path: string[] = []
  private readonly leaves: ReadonlyMap<string, Leaf>
  private readonly history: History
  private readonly lookup: Lookup | undefined

  constructor(leaves: ReadonlyMap<string, Leaf>, history: History, lookup?: Lookup) {
    this.leaves = leaves
    this.history = history
    this.lookup = lookup
  }

  of(leaf: Leaf): Outcome {
    const known = this.done.get(leaf.key)
    if (known !== undefined) return known
    this.path.push(leaf.key)
    const outcome = this.work(leaf)
    this.path.pop()
    this.done.set(leaf.key, outcome)
    return outcome
  }

  private work(leaf: Leaf): Outcome {
    const given = this.history.get(leaf.key)
    if (given === undefined) return 'unset'
    if (!leaf.appends || given.length === 1) return this.candidate(leaf, given.at(-1)!)
    const parts = given.map((candidate) => this.candidate(leaf, candidate))
    const broken = parts.find((part) => typeof part === 'string' || part.fault !== undefined)
    if (broken !== undefined) return broken
    const all = parts as Expanded[]
    const values = all.map(({ value }) => value)
    const value = values.every(Array.isArray) ? values.flat() : Object.assign({}, ...values)
    return { value, secret: all.some(({ secret }) => secret) }
  }

  private candidate(leaf: Leaf, candidate: Candidate): Outcome {
    const at: Walk = { leaf, candidate, secret: false, madeText: false, failed: undefined }
    let value = candidate.raw
    if (candidate.isText && !isReference(value)) {
      const coerced = coerce(leaf.schema, String(value))
      if ('fault' in coerced) return { value, secret: false, fault: coerced.fault }
      value = coerced.value
    }
    value = this.walk(value, at)
    if (at.failed !== undefined) return at.failed
    const { secret } = at
    // A text of a file stays one, unless it was made of something else.
    if (!at.madeText || typeof value !== 'string') return { value, secret }
    const coerced = coerce(leaf.schema, value)
    return 'fault' in coerced ? { value, secret, fault: coerced.fault } : { value: coerced.value, secret }
  }

  private walk(value: unknown, at: Walk): unknown {
    if (typeof value === 'string') return this.text(value, at)
    if (value === broken) at.failed = 'failed'
    if (Array.isArray(value)) return value.map((item) => this.walk(item, at))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.walk(inner, at)]))
  }

  private text(text: string, at: Walk): unknown {
    const put = at.candidate.interpolates && text.includes('$') ? this.interpolated(text, at) : text
    if (!isReference(put)) return put
    at.secret = true
    at.madeText = true
    return this.reference(put, at)
  }

  private reference(uri: string, at: Walk): unknown {
    const { leaf, candidate } = at
    const found = this.lookup?.get(uri)
    if (found === undefined) {
      if (this.lookup)
        this.fail(
          at,
          `${leaf.key} is a reference that another secret is a part of: write it out (from ${candidate.from})`,
        )
      this.needed.set(uri, { uri, key: leaf.key, from: candidate.from })
      at.failed ??= 'unread'
    } else if (found === 'unread') at.failed ??= 'unread'
    else if ('fault' in found) {
      this.faults.push(found.fault)
      at.failed = 'failed'
    } else return found.text
    return undefined
  }

  /** `$${` is `${`, and `$$` is `$`. A text that is nothing but `${key}` is that value, whatever its type. */
  private interpolated(text: string, at: Walk): unknown {
    const whole = /^\$\{([^{}]*)\}$/.exec(text)?.[1]
    if (whole !== undefined) {
      const value = this.other(whole, at)
      at.madeText ||= typeof value === 'string'
      return value
    }
    at.madeText = true
    return text.replaceAll(/\$\$|\$\{([^{}]*)(\}?)/g, (found, key: string | undefined, end: string) => {
      if (found === '$$') return '$'
      if (end === '')
        this.fail(at, `${at.leaf.key} has \${ without its } (from ${at.candidate.from}): write $$ for a dollar`)
      const value = end === '' ? undefined : this.other(key!, at)
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
    })
  }

  /** The value of the setting that another one names. */
  private other(key: string, at: Walk): unknown {
    const where = `(from ${at.candidate.from})`
    const leaf = this.leaves.get(key.trim())
    if (!leaf)
      return this.fail(
        at,
        `${at.leaf.key} names \${${key}}, which is not a setting${didYouMean(key, this.leaves.keys())} ${where}`,
      )
    if (this.path.includes(leaf.key)) {
      const round = [...this.path.slice(this.path.indexOf(leaf.key)), leaf.key].join(' -> ')
      return this.fail(at, `${at.leaf.key} is made of itself: ${round} ${where}`)
    }
    const outcome = this.of(leaf)
    if (outcome === 'unset') return this.fail(at, `${at.leaf.key} names \${${leaf.key}}, which nobody set ${where}`)
    if (typeof outcome === 'string') {
      at.failed = outcome === 'unread' ? (at.failed ?? outcome) : outcome
      return undefined
    }
    // Once copied into a plain text it would be printed.
    if ((leaf.secret || outcome.secret) && !at.leaf.secret)
      return this.fail(at, `${at.leaf.key} would show ${leaf.key}: declare it with secret() too ${where}`)
    at.secret ||= outcome.secret
    return outcome.value
  }

  private fail(at: Walk, text: string): undefined {
    this.faults.push(invalid(text, at.leaf.key))
    at.failed = 'failed'
  }
}

/** One walk through what a candidate gave. */
interface Walk {
  readonly leaf: Leaf
  readonly candidate: Candidate
  secret: boolean
  madeText: boolean
  failed: 'unread' | 'failed' | undefined
}
