/** One `name=value` of a query string. */
export interface Pair {
  readonly name: string
  readonly value: string
  /** As it was sent, for links. */
  readonly raw: string
  /** What mistakes call it, where it was sent in other words. */
  readonly told?: string
}

/** The query string of a URL, without the question mark. */
export function searchOf(url: string): string {
  const from = url.indexOf('?')
  if (from === -1) return ''
  const to = url.indexOf('#', from)
  return to === -1 ? url.slice(from + 1) : url.slice(from + 1, to)
}

/**
 * Splits a query string. Nothing in it is nested or guessed: names keep their brackets, values stay text.
 * Its length and its percent encoding are the core's concern: a URL that is too long or no UTF-8 was refused before.
 */
export function pairsOf(search: string): Pair[] {
  const pairs: Pair[] = []
  for (let from = 0; from < search.length; ) {
    let to = search.indexOf('&', from)
    if (to === -1) to = search.length
    if (to > from) {
      const raw = search.slice(from, to)
      const equals = raw.indexOf('=')
      const name = decode(equals === -1 ? raw : raw.slice(0, equals))
      pairs.push({ name, value: equals === -1 ? '' : decode(raw.slice(equals + 1)), raw })
    }
    from = to + 1
  }
  return pairs
}

const decode = (text: string): string => (/[%+]/.test(text) ? decodeURIComponent(text.replaceAll('+', ' ')) : text)

/** Items of a list in one value: separated by commas, except in double quotes, where `\"` is a quote. */
export function itemsOf(value: string): string[] | undefined {
  if (!value.includes('"')) return value.split(',')
  const items: string[] = []
  let item = ''
  let quoted = false
  let closed = false
  for (let i = 0; i < value.length; i++) {
    const letter = value[i]!
    if (quoted) {
      if (letter === '\\' && i + 1 < value.length) item += value[++i]
      else if (letter === '"') {
        quoted = false
        closed = true
      } else item += letter
    } else if (letter === ',') {
      items.push(item)
      item = ''
      closed = false
    } else if (closed) return undefined
    else if (letter === '"' && item === '') quoted = true
    else item += letter
  }
  if (quoted) return undefined
  items.push(item)
  return items
}

/** An item as `itemsOf` reads it back. */
export const quoteItem = (item: string): string =>
  /[",\\]/.test(item) ? `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : item
