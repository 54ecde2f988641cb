import type { Page } from '../../../plugins/shaping/index.ts'

/** A row of `notes` as drizzle gives it. */
export interface Note {
  readonly id: number
  readonly title: string
  readonly body: string | null
  readonly status: 'draft' | 'live' | 'gone'
  readonly score: number | null
  readonly views: bigint
  readonly price: string | null
  readonly weight: number | null
  readonly published: boolean
  readonly day: string | null
  readonly at: Date
  readonly owner: string | null
  readonly tags: string[]
}
export type Key = keyof Note

/** One filter, as it is asked for. */
export interface Filter {
  readonly field: Key
  readonly operator: string
  readonly value: unknown
}

export const toQuery = (filters: readonly Filter[]): Record<string, unknown> =>
  Object.fromEntries(
    filters.map(({ field, operator, value }) => [operator === 'eq' ? field : `${field}[${operator}]`, value]),
  )

type Plain = string | number | bigint | boolean | null
const plain = (value: unknown): Plain =>
  value instanceof Date
    ? value.getTime()
    : typeof value === 'string' && /^-?\d+\.\d\d$/.test(value)
      ? Number(value)
      : (value as Plain)

/** Whether a row fits a filter, said a second time and in another language than SQL. */
export function fits(row: Note, { field, operator, value }: Filter): boolean {
  const own = row[field]
  const is = (other: unknown): boolean => own !== null && plain(own) === plain(other)
  const text = String(own).toLowerCase()
  const items = own as string[]
  switch (operator) {
    case 'eq':
      return is(value)
    case 'ne':
      return !is(value)
    case 'in':
      return (value as unknown[]).some(is)
    case 'nin':
      return !(value as unknown[]).some(is)
    case 'null':
      return (own === null) === value
    case 'gt':
      return own !== null && plain(own)! > plain(value)!
    case 'gte':
      return own !== null && plain(own)! >= plain(value)!
    case 'lt':
      return own !== null && plain(own)! < plain(value)!
    case 'lte':
      return own !== null && plain(own)! <= plain(value)!
    case 'contains':
      return own !== null && text.includes(String(value).toLowerCase())
    case 'starts':
      return own !== null && text.startsWith(String(value).toLowerCase())
    case 'ends':
      return own !== null && text.endsWith(String(value).toLowerCase())
    case 'has':
      return items.includes(String(value))
    case 'hasAny':
      return (value as string[]).some((one) => items.includes(one))
    case 'hasAll':
      return (value as string[]).every((one) => items.includes(one))
    case 'empty':
      return (items.length === 0) === value
    default:
      throw new TypeError(`the oracle knows no ${operator}`)
  }
}

/** Rows in an order, NULLs alike in both directions, ties by id in the direction of the last key. */
export function ordered(rows: readonly Note[], sort: readonly string[], nulls: 'first' | 'last'): Note[] {
  const last = sort.at(-1)?.startsWith('-') ? '-id' : 'id'
  const keys = [...sort, last].map((word) => ({
    key: word.replace('-', '') as Key,
    sign: word.startsWith('-') ? -1 : 1,
  }))
  return [...rows].sort((a, b) => {
    for (const { key, sign } of keys) {
      const [x, y] = [plain(a[key]), plain(b[key])]
      if (x === y) continue
      if (x === null || y === null) return (x === null ? 1 : -1) * (nulls === 'last' ? 1 : -1)
      return x < y ? -sign : sign
    }
    return 0
  })
}

export const idsOf = (page: Page<{ id?: number }>): number[] => page.data.map((row) => row.id!)
