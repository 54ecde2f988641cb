import type { Field } from '#core/ports/database'
import type { SeededRandom } from './random.ts'

type Items = NonNullable<Field['items']>

/** A likely value for a field, as drizzle takes it; the same for the same number and seed, different for each number. */
export function sampleOf(field: Field, seq: number, rand: SeededRandom): unknown {
  switch (field.type) {
    case 'list':
      return [sampleOf({ ...field, type: (field.items ?? 'string') satisfies Items }, seq, rand)]
    case 'json':
      return { sample: seq }
    case 'file':
      return `sample-${seq}.txt`
    default:
      return samples[field.type]?.(field, seq, rand)
  }
}

const samples: Partial<Record<Field['type'], (field: Field, seq: number, rand: SeededRandom) => unknown>> = {
  string: (field, seq) => within(field, `${words(field.name)} ${seq}`),
  text: (field, seq) => within(field, `${words(field.name)} ${seq}.`),
  int: (_field, _seq, rand) => rand.int(1, 1000),
  bigint: (_field, seq, rand) => BigInt(seq) * 1_000_000n + BigInt(rand.int(0, 999_999)),
  float: (_field, _seq, rand) => rand.int(0, 100_000) / 100,
  decimal: ({ precision = 10, scale = 2 }, _seq, rand) => {
    const whole = rand.int(1, 10 ** Math.min(3, Math.max(0, precision - scale)) - 1 || 1)
    return scale === 0 ? String(whole) : `${precision === scale ? 0 : whole}.${'95'.padEnd(scale, '0').slice(0, scale)}`
  },
  bool: (_field, _seq, rand) => rand.next() < 0.5,
  date: (_field, seq) => new Date(Date.UTC(2026, 0, 1 + (seq % 365))).toISOString().slice(0, 10),
  datetime: (_field, seq) => new Date(Date.UTC(2026, 0, 1, 0, seq)),
  uuid: (_field, _seq, rand) => uuidOf(rand),
  email: (field, seq) => within(field, `${field.name.toLowerCase()}-${seq}@example.com`),
  url: (_field, seq) => `https://example.com/${seq}`,
  enum: ({ values = [] }, _seq, rand) => rand.pick(values),
}

const words = (name: string): string => {
  const apart = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  return apart.charAt(0).toUpperCase() + apart.slice(1)
}

/** Keeps the number, which makes it unique, when the text is too long. */
const within = ({ maxLength }: Field, text: string): string =>
  maxLength === undefined || text.length <= maxLength ? text : text.slice(-maxLength).trimStart().padStart(1, '0')

/** A version 4 UUID of the seed. */
function uuidOf(rand: SeededRandom): string {
  const hex = Array.from({ length: 32 }, () => rand.int(0, 15).toString(16))
  hex[12] = '4'
  hex[16] = (8 + rand.int(0, 3)).toString(16)
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
