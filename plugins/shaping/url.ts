import { quoteItem } from './query/query-string.ts'

/** Path and query of typed parameters, as the grammar reads them: lists by commas, dates in RFC 3339. */
export function urlOf(path: string, query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return []
    const items = Array.isArray(value) ? value.map((item) => quoteItem(textOf(item))) : [listItem(name, textOf(value))]
    return [
      `${encodeURIComponent(name).replaceAll('%5B', '[').replaceAll('%5D', ']')}=${encodeURIComponent(items.join(',')).replaceAll('%2C', ',')}`,
    ]
  })
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

const listItem = (name: string, text: string): string =>
  /\[(n?in|hasAny|hasAll)\]$/.test(name) ? quoteItem(text) : text

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value))
