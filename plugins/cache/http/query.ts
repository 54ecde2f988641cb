import { part } from './parts.ts'

type Query = Readonly<Record<string, unknown>>
/** The query as a part of the key; `undefined` where it cannot be one, and the request goes past the cache. */
export type QueryPart = (url: string, query: Query) => string | undefined

/** A list of a shape checks the whole query itself. The order of different parameters says nothing. */
export const rawQuery: QueryPart = (url) => {
  const text = textOf(url)
  if (!text.includes('&')) return text
  const pairs = text.split('&').map((pair): [string, string] => [pair.split('=', 1)[0]!, pair])
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, pair]) => pair)
    .join('&')
}

/** Without a schema the handler may look at any parameter. */
export const noQuery: QueryPart = (url) => (textOf(url) === '' ? '' : undefined)

/**
 * The parameters that a schema declares, as they were read. What it does not declare is not there for the handler; unless
 * it lets `others` pass, and a request with one of them goes past the cache.
 */
export function declaredQuery(names: readonly string[], others: boolean): QueryPart {
  const sorted = [...new Set(names)].sort()
  return (_, query) => {
    if (others) for (const name in query) if (!sorted.includes(name)) return undefined
    let text = ''
    for (const name of sorted) {
      const value = query[name]
      if (value === undefined) continue
      const said = textOfValue(value)
      if (said === undefined) return undefined
      text += part(name) + part(said)
    }
    return text
  }
}

function textOf(url: string): string {
  const at = url.indexOf('?')
  if (at === -1) return ''
  const hash = url.indexOf('#', at)
  return hash === -1 ? url.slice(at + 1) : url.slice(at + 1, hash)
}

/** `undefined` for what JSON does not tell apart, such as sets. */
function textOfValue(value: unknown): string | undefined {
  if (typeof value === 'string') return `s${value}`
  if (typeof value !== 'object') return `${typeof value}${String(value)}`
  let isTold = true
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !isPlain(inner)) isTold = false
    return inner
  })
  return isTold ? `j${text}` : undefined
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly patternProperties?: object
  readonly additionalProperties?: unknown
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $ref?: string
}

/** How the query of a route is read into its key. @param find the schema of a name */
export function queryPart(schemas: readonly unknown[], isShape: boolean, find: (name: string) => unknown): QueryPart {
  if (isShape) return rawQuery
  const said = schemas.filter((one) => one !== undefined)
  if (said.length === 0) return noQuery
  const found = said.map((one) => namesIn(one as Schema | string, find))
  return declaredQuery(
    found.flatMap(({ names }) => names),
    found.some(({ others }) => others),
  )
}

interface Names {
  readonly names: readonly string[]
  readonly others: boolean
}

function namesIn(given: Schema | string, find: (name: string) => unknown): Names {
  const schema = typeof given === 'string' ? find(given) : given.$ref === undefined ? given : find(given.$ref)
  // Of a schema of another library it is not known what it declares.
  if (typeof schema !== 'object' || schema === null) return { names: [], others: true }
  const { properties, patternProperties, additionalProperties, anyOf, allOf } = schema as Schema
  const inner = [...(anyOf ?? []), ...(allOf ?? [])].map((one) => namesIn(one, find))
  const isOpen =
    patternProperties !== undefined || (additionalProperties !== undefined && additionalProperties !== false)
  return {
    names: [...Object.keys(properties ?? {}), ...inner.flatMap(({ names }) => names)],
    others: isOpen || (properties === undefined && inner.length === 0) || inner.some(({ others }) => others),
  }
}
