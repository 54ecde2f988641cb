/** What stands in the place of what must not be seen. */
export const masked = '***'

const words =
  /password|passwd|passphrase|secret|token|authorization|cookie|apikey|privatekey|credential|connectionstring|databaseurl|redisurl|cardnumber/

/** Texts of which a part is masked: a look before the longer ones run. */
const suspicious = /eyJ|kwik_|:\/\/|bearer|basic|password|passwd|secret|token|api.?key|\nparams:/i
/** What is about people; an app may need to see it, and say so. */
export type Personal = 'email' | 'card'
const personal = /@|\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d[ -]?\d/
const email = /(?<![\w.%+*-])[\w.%+-]{1,64}@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,24})\b/gi
/** Numbers of cards begin with 3 to 6 and have a check digit (ISO/IEC 7812-1): ids and times seldom do. */
const card = /(?<![\w.-])[3-6](?:[ -]?\d){13,18}(?![\w-])/g
const patterns: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens (RFC 7519).
  [/\beyJ[\w-]{5,4096}\.[\w-]{1,8192}(?:\.[\w-]*)?/g, masked],
  // API keys of accounts.
  [/\bkwik_[\da-f]{32}_[\w-]+/g, masked],
  // Passwords in URLs: postgres://app:password@host. What follows a host may have a colon and an @ too: http://host:80/a@b.
  [/(:\/\/[^\s:/@]*:)(?!\d{1,5}[/?#])[^\s"'<>]{1,512}@/g, `$1${masked}@`],
  [/\b(bearer|basic) +[\w.~+/=-]{8,}/gi, `$1 ${masked}`],
  [/(password|passwd|secret|token|api[-_]?key)(=|: ?(?=["']))("[^"]*"|'[^']*'|[^\s,;&]+)/gi, `$1$2${masked}`],
  [
    /("[^"\\]*(?:password|passwd|secret|token|api[-_]?key)[^"\\]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[\d.]+)/gi,
    `$1"${masked}"`,
  ],
  // drizzle writes the values of a failed query into its message.
  [/\nparams: [\s\S]*?(?=\n\s+at |$)/g, `\nparams: ${masked}`],
]

const longest = 8192
const searched = 2 * longest

/** Makes values safe to write: no secrets, no cycles, nothing without end. */
export interface Redactor {
  text(text: string): string
  /** A copy that `JSON.stringify` can write. @param name the field it stands in */
  value(name: string, value: unknown): unknown
}

const deepest = 8
const widest = 100
const mostNodes = 1000

/** @param more names of more fields @param shown what may be seen all the same */
export function redactor(more: readonly string[] = [], shown: readonly Personal[] = []): Redactor {
  const text = shown.length === 0 ? redactText : (one: string): string => redactText(one, shown)
  const extra = new Set(more.map(plain))
  const known = new Map<string, boolean>()
  const isSecret = (name: string): boolean => {
    let secret = known.get(name)
    if (secret === undefined) {
      const bare = plain(name)
      secret = words.test(bare) || extra.has(bare)
      // Names can come from outside: they are remembered up to a limit.
      if (known.size < 1000) known.set(name, secret)
    }
    return secret
  }
  return { text, value: (name, value) => new Walk(isSecret, text).of(name, value) }
}

/** `Set-Cookie`, `set_cookie` and `setCookie` are one name. */
const plain = (name: string): string => name.replaceAll(/[-_.\s]/g, '').toLowerCase()

export function redactText(text: string, shown: readonly Personal[] = []): string {
  let safe = text.length > searched ? text.slice(0, searched) : text
  if (suspicious.test(safe)) for (const [pattern, put] of patterns) safe = safe.replace(pattern, put)
  if (personal.test(safe)) {
    if (!shown.includes('email')) safe = safe.replace(email, `${masked}@$1`)
    if (!shown.includes('card')) safe = safe.replace(card, (found) => (isCard(found) ? masked : found))
  }
  return text.length > longest ? `${safe.slice(0, longest)}… (${text.length} characters)` : safe
}

/** Luhn's check digit. */
function isCard(text: string): boolean {
  let sum = 0
  let twice = false
  for (let at = text.length - 1; at >= 0; at--) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) continue
    const value = twice ? digit * 2 : digit
    sum += value > 9 ? value - 9 : value
    twice = !twice
  }
  return sum % 10 === 0
}

/** One walk through a value. */
class Walk {
  private readonly above: object[] = []
  private nodes = 0
  private readonly isSecret: (name: string) => boolean
  private readonly text: (text: string) => string

  constructor(isSecret: (name: string) => boolean, text: (text: string) => string) {
    this.isSecret = isSecret
    this.text = text
  }

  of(name: string, value: unknown): unknown {
    if (value === null || value === undefined) return value
    if (this.isSecret(name)) return masked
    switch (typeof value) {
      case 'string':
        return this.text(value)
      case 'number':
        return Number.isFinite(value) ? this.number(value) : String(value)
      case 'boolean':
        return value
      case 'object':
        return this.object(name, value)
      case 'function':
        return `[function ${value.name}]`
      default:
        return String(value)
    }
  }

  /** A card's number may come as a number. */
  private number(value: number): unknown {
    if (value < 3e13) return value
    const safe = this.text(String(value))
    return safe === masked ? safe : value
  }

  private object(name: string, value: object): unknown {
    if (this.above.includes(value)) return '[circular]'
    if (this.above.length >= deepest || ++this.nodes > mostNodes) return '…'
    this.above.push(value)
    try {
      return this.parts(name, value)
    } catch {
      return '[unreadable]'
    } finally {
      this.above.pop()
    }
  }

  private parts(name: string, value: object): unknown {
    if (value instanceof Error) return this.error(value)
    if (Array.isArray(value)) return this.list(value)
    if (value instanceof Set) return this.list([...value])
    if (value instanceof Map || value instanceof Headers || value instanceof URLSearchParams)
      return this.fields([...value].map(([key, one]) => [String(key), one]))
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON === 'function') return this.of(name, toJSON.call(value))
    return this.fields(Object.entries(value))
  }

  private list(items: readonly unknown[]): unknown[] {
    const shown = items.slice(0, widest).map((item) => this.of('', item))
    return items.length > widest ? [...shown, `… ${items.length - widest} more`] : shown
  }

  private fields(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
    const shown = Object.fromEntries(entries.slice(0, widest).map(([key, one]) => [key, this.of(key, one)]))
    if (entries.length > widest) shown['…'] = `${entries.length - widest} more`
    return shown
  }

  /** Of an error only what is known to be free of values: drivers keep rows and parameters on theirs. */
  private error(error: Error): Record<string, unknown> {
    const { code, cause } = error as { code?: unknown; cause?: unknown }
    return {
      name: error.name,
      message: this.text(String(error.message)),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
      ...(error.stack !== undefined && { stack: this.text(error.stack) }),
      ...(cause !== undefined && { cause: this.of('cause', cause) }),
      ...(error instanceof AggregateError && { errors: this.list(error.errors) }),
    }
  }
}
