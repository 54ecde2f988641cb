/** What stands in the place of what must not be seen. */
export const masked = '***'

const words =
  /password|passwd|passphrase|secret|token|authorization|cookie|apikey|privatekey|credential|connectionstring|databaseurl|redisurl|cardnumber/

/** Texts of which a part is masked: a look before the longer ones run. */
const suspicious = /eyJ|:\/\/|bearer|basic|password|passwd|secret|token|api.?key|\nparams:/i
const patterns: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens (RFC 7519).
  [/\beyJ[\w-]{5,4096}\.[\w-]{1,8192}(?:\.[\w-]*)?/g, masked],
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

export function redactor(more: readonly string[] = []): Redactor {
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
  return { text: redactText, value: (name, value) => new Walk(isSecret).of(name, value) }
}

/** `Set-Cookie`, `set_cookie` and `setCookie` are one name. */
const plain = (name: string): string => name.replaceAll(/[-_.\s]/g, '').toLowerCase()

export function redactText(text: string): string {
  let safe = text.length > searched ? text.slice(0, searched) : text
  if (suspicious.test(safe)) for (const [pattern, put] of patterns) safe = safe.replace(pattern, put)
  return text.length > longest ? `${safe.slice(0, longest)}… (${text.length} characters)` : safe
}

/** One walk through a value. */
class Walk {
  private readonly above: object[] = []
  private nodes = 0
  private readonly isSecret: (name: string) => boolean

  constructor(isSecret: (name: string) => boolean) {
    this.isSecret = isSecret
  }

  of(name: string, value: unknown): unknown {
    if (value === null || value === undefined) return value
    if (this.isSecret(name)) return masked
    switch (typeof value) {
      case 'string':
        return redactText(value)
      case 'number':
        return Number.isFinite(value) ? value : String(value)
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
      message: redactText(String(error.message)),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
      ...(error.stack !== undefined && { stack: redactText(error.stack) }),
      ...(cause !== undefined && { cause: this.of('cause', cause) }),
      ...(error instanceof AggregateError && { errors: this.list(error.errors) }),
    }
  }
}
