import { createHash } from 'node:crypto'
import { pathOf } from '#core/elysia/errors'
import type { Call } from '#core/phases'
import type { Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { callerPart, isPersonal } from './caller.ts'
import { bestOf } from './language.ts'
import { part } from './parts.ts'
import { type QueryPart, queryPart } from './query.ts'
import type { RouteRules } from './rules.ts'

/** Another one when what is stored is written in another way: what is there already is then not found. */
const format = 'http-1'

/** What a route's keys begin with. */
export interface KeyGround {
  /** Of the app. */
  readonly version: string
  /** Tells apps in one process apart, where each has a memory of its own. */
  readonly app: string
  /** The schema of a name. */
  find(name: string): unknown
}

/** The key of a request, or `undefined` where it goes past the cache. */
export type KeyOf = (scope: Scope, call: Call) => string | undefined

/** All that an answer of the route may depend on, in parts that say how long they are. */
export function keyOf(rules: RouteRules, route: RouteFacts, { version, app, find }: KeyGround): KeyOf {
  const { method, path, schema } = route
  const prefix = [format, version, app, `${method} ${path}`, hashOfSchema(schema['response'], find)].map(part).join('')
  const query = queryOf(route, find)
  const { audience, vary, languages } = rules
  return (scope, { query: values }) => {
    if (isPersonal(scope, rules)) return undefined
    const { url, headers } = scope.request
    const asked = query(scope.elsewhere ?? url, values)
    if (asked === undefined) return undefined
    // As it was sent: what a schema makes of its parameters need not tell two of them apart, and links name it.
    let key = prefix + part(pathOf(url))
    key += `?${part(asked)}${part(scope.variant)}${part(scope.version ?? '')}${part(scope.tenant ?? '')}`
    if (audience !== 'everybody') key += callerPart(scope.principal, audience)
    if (languages.length > 0) key += `l${bestOf(headers.get('accept-language'), languages)}`
    for (const name of vary) {
      const said = headers.get(name)
      key += said === null ? '-' : part(said)
    }
    return key
  }
}

function queryOf({ options, schema }: RouteFacts, find: (name: string) => unknown): QueryPart {
  const guards = (schema['standaloneValidator'] ?? []) as readonly { readonly query?: unknown }[]
  return queryPart([schema['query'], ...guards.map((one) => one.query)], options['shape'] !== undefined, find)
}

/** Elysia writes into schemas that objects are closed, when a route with them is first compiled. */
const asWritten = (key: string, value: unknown): unknown =>
  key === 'additionalProperties' && value === false ? undefined : value

/** An answer that was made for other fields is not used: some of them may be for nobody now. */
function hashOfSchema(response: unknown, find: (name: string) => unknown): string {
  const names = new Set<string>()
  const hash = createHash('sha256')
  const add = (schema: unknown): void => {
    const text = JSON.stringify(schema, asWritten) ?? ''
    hash.update(part(text))
    for (const [, name] of text.matchAll(/"\$ref":"([^"]+)"/g)) named(name!)
  }
  const named = (name: string): void => {
    if (names.has(name)) return
    names.add(name)
    add(find(name))
  }
  // The name of a model, or such names by status.
  const all = typeof response === 'object' && response !== null ? Object.values(response) : [response]
  for (const one of all) if (typeof one === 'string') named(one)
  add(response)
  return hash.digest('base64url').slice(0, 22)
}
