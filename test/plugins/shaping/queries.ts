import type { AnyShape } from '../../../plugins/shaping/index.ts'

/** Numbers from 0 to 1, the same for the same seed (Mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

interface Documented {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly string[]
}

/** Words that break what is written without care. */
const hard: readonly string[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__proto__.polluted', 'constructor.name'],
  ...[
    '',
    ' ',
    '%',
    '%25',
    '%00',
    '%E0%A4%A',
    '%zz',
    '%c0%af',
    '%2500',
    '%u0041',
    '+',
    '%2B',
    "'",
    '"',
    '\\',
    ';',
    '--',
  ],
  ...['0', '-0', '-1', 'NaN', 'Infinity', '1e999', '9007199254740993', '99999999999999999999', '0x10', '1_000', '٣'],
  ...['null', 'undefined', 'true', '[object Object]', '[1,2]', '{"a":1}', '"', '""', '"a', 'a"b', ',', ',,', '","'],
  ...['0000-00-00', '2024-02-30', '9999-12-31', '2026-01-01T24:00:00Z', '2026-01-01T00:00:00+99:99', 'infinity'],
  ...['%F0%9F%92%A9', '%EF%BF%BD', '%ED%A0%80', 'É', 'ﬀ', '\u202e', 'I\u0307', '*', '?', '[', ']', '[a-', '%25_%5C'],
  ...['start', 'end', 'k1..', 'k1.e30.AAAAAAAAAAAAAAAAAAAAAA', 'k2.AAAAAAAA.AAAA', 'k9.a.b', "' or 1=1 --", '$1', '?1'],
]

/** Random queries of a list, made of its own declaration: right ones, nearly right ones, and noise. */
export class Queries {
  private readonly random: () => number
  private readonly parameters: readonly (readonly [string, Documented])[]

  constructor(list: AnyShape, random: () => number) {
    this.random = random
    const { properties } = list.hook.query as { readonly properties?: Readonly<Record<string, Documented>> }
    this.parameters = Object.entries(properties!)
  }

  next(): string {
    if (this.chance(0.1)) return this.noise(1 + this.below(200))
    return Array.from({ length: this.below(7) }, () => this.pair()).join(this.chance(0.05) ? '&&' : '&')
  }

  private pair(): string {
    const [name, schema] = this.one(this.parameters)
    const written = this.chance(0.1) ? this.mutated(name) : name
    const value = name === 'where' ? this.expression(3) : this.chance(0.75) ? this.value(name, schema) : this.one(hard)
    const said = this.chance(0.1) ? this.mutated(value) : value
    return this.chance(0.03) ? written : `${this.encoded(written)}=${this.encoded(said)}`
  }

  /** A value of the parameter's type, as its document says it. */
  private value(name: string, { type, format, enum: words }: Documented): string {
    if (/\[(n?in|hasAny|hasAll)\]/.test(name))
      return Array.from({ length: 1 + this.below(5) }, () => this.one(['a', '1', 'draft', '"x,y"', '2.5'])).join(',')
    if (name === 'sort' || name === 'fields' || name === 'expand' || name.endsWith('.sort'))
      return Array.from({ length: 1 + this.below(3) }, () => `${this.one(['', '-'])}${this.bare()}`).join(',')
    if (words) return this.one(words)
    if (type === 'boolean') return this.one(['true', 'false'])
    if (type === 'integer') return String(this.below(200) - 20)
    if (type === 'number') return String(this.random() * 10 ** (this.below(40) - 20))
    if (format === 'date') return this.one(['2026-03-29', '0001-01-03', '9999-12-28'])
    if (format === 'date-time') return this.one(['2026-03-29T10:00:00.123456Z', '0001-01-01T00:00:00Z', '2026-01-01'])
    if (format === 'uuid') return '018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2b'
    return this.one(['note', '12.50', '9007199254740993', 'École', 'a_b%25', 'x'.repeat(1 + this.below(300))])
  }

  private bare(): string {
    return this.one(this.parameters)[0].replace(/\[.*/, '')
  }

  private expression(depth: number): string {
    if (depth === 0 || this.chance(0.4)) {
      const operator = this.one([
        'eq',
        'ne',
        'in',
        'nin',
        'gt',
        'gte',
        'lt',
        'lte',
        'contains',
        'starts',
        'null',
        'on',
        'has',
        'nope',
      ])
      const value = this.chance(0.2)
        ? `"${this.one(hard)}"`
        : this.one(['1', 'true', 'draft', '"ann \\"lee\\""', '(1, 2)', '2026-01-01'])
      return `${this.bare()} ${operator} ${value}`
    }
    const parts = Array.from({ length: 1 + this.below(3) }, () => this.expression(depth - 1))
    return `${this.one(['', '', 'not '])}(${parts.join(this.one([' and ', ' or ', ' ', ' AND ']))}${this.one([')', ')', ')', ''])}`
  }

  private mutated(text: string): string {
    const at = this.below(text.length + 1)
    const what = this.below(4)
    if (what === 0) return text.slice(0, at) + text.slice(at + 1)
    if (what === 1) return text.slice(0, at) + this.one(hard) + text.slice(at)
    if (what === 2) return text.slice(0, at) + this.noise(1 + this.below(3)) + text.slice(at)
    return text + this.one(['[]', '[eq]', '[__proto__]', '[gte][lte]', '.any', '.none.id', '.', '[', ']'])
  }

  /** Sent as it is, encoded, or encoded twice. */
  private encoded(text: string): string {
    const well = text.toWellFormed()
    if (this.chance(0.4)) return well.replace(/[&=#]/g, encodeURIComponent)
    return this.chance(0.05) ? encodeURIComponent(encodeURIComponent(well)) : encodeURIComponent(well)
  }

  private noise(length: number): string {
    return Array.from({ length }, () => {
      if (this.chance(0.3)) return `%${this.below(256).toString(16).padStart(2, '0')}`
      return String.fromCodePoint(this.chance(0.8) ? 1 + this.below(126) : this.below(0xd7ff)).replace('#', '')
    }).join('')
  }

  private chance(of: number): boolean {
    return this.random() < of
  }

  private below(most: number): number {
    return Math.floor(this.random() * most)
  }

  private one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!
  }
}
