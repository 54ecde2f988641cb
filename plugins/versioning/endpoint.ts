import { optionalsOf, parametersOf } from './routes/paths.ts'

/** Names of parameters now, by those that they had. */
type Names = Readonly<Record<string, string>>

/** What is different about one route, named as it is now. */
export interface EndpointChange {
  readonly method: string
  readonly path: string
  readonly what:
    | { readonly kind: 'existed' }
    | { readonly kind: 'added' }
    | { readonly kind: 'moved'; readonly method: string; readonly path: string; readonly names: Names }
    | { readonly kind: 'status'; readonly older: number; readonly newer: number }
    | { readonly kind: 'header'; readonly older: string; readonly newer: string }
}

/** What may be said of a route. */
export interface EndpointWords<I> {
  /** Only older clients find it. */
  existed(): I
  /** Older clients do not find it. */
  didntExist(): I
  /**
   * Older clients find it there: `'/bills/:id'`, or `'PUT /bills/:id'`.
   * @param names of parameters now, by those that they had, where they differ: `.moved('/bills/:bill', { bill: 'id' })`
   */
  moved(from: string, names?: Readonly<Record<string, string>>): I
  /** It answers another status now. */
  status(older: number, newer: number): I
  /** A header of its answer has another name now. */
  header(older: string, newer: string): I
}

/** `'GET /a'` as method and path. @throws {TypeError} for anything else */
function routeIn(said: string, usual?: string): { readonly method: string; readonly path: string } {
  const found = /^(?:([A-Z]+) )?(\/\S*)$/.exec(said)
  const method = found?.[1] ?? usual
  if (found === null || method === undefined)
    throw new TypeError(`endpoint("${said}"): write method and path, such as 'GET /invoices/:id'`)
  return { method, path: found[2]! }
}

/** @throws {TypeError} where a parameter of now has no value, and where a request cannot be handed on as it is */
function movedFrom(
  said: string,
  from: string,
  names: Names,
): { readonly method: string; readonly path: string; readonly names: Names } {
  const now = routeIn(said)
  const then = routeIn(from, now.method)
  const where = `endpoint("${said}").moved("${from}")`
  if ((now.method === 'GET') !== (then.method === 'GET'))
    throw new TypeError(
      `${where}: a GET has no body and changes nothing, so it cannot have been another method: write a route of its own, with version: { until: '…' }`,
    )
  const had = parametersOf(then.path)
  const has = parametersOf(now.path)
  const strange = Object.entries(names).find(([older, newer]) => !had.includes(older) || !has.includes(newer))
  if (strange)
    throw new TypeError(
      `${where}: { ${strange[0]}: '${strange[1]}' } names no parameter of each path: write { older: 'newer' }`,
    )
  const given = had.map((name) => names[name] ?? name)
  const twice = given.find((name, at) => given.indexOf(name) !== at)
  if (twice !== undefined) throw new TypeError(`${where}: two parameters are :${twice}: name the one that is`)
  const missing = has.find((name) => !given.includes(name) && !optionalsOf(now.path).includes(name))
  if (missing === undefined) return { ...then, names }
  const left = had.find((name) => !has.includes(name) && !(name in names))
  throw new TypeError(
    left === undefined
      ? `${where}: nothing there is :${missing}: the older path needs a parameter for it`
      : `${where}: which parameter is :${missing}? Write .moved('${from}', { ${left}: '${missing}' })`,
  )
}

export function endpointWords<I>(said: string, make: (change: EndpointChange) => I): EndpointWords<I> {
  const route = routeIn(said)
  return {
    existed: () => make({ ...route, what: { kind: 'existed' } }),
    didntExist: () => make({ ...route, what: { kind: 'added' } }),
    moved: (from, names = {}) => make({ ...route, what: { kind: 'moved', ...movedFrom(said, from, names) } }),
    status: (older, newer) => make({ ...route, what: { kind: 'status', older, newer } }),
    header: (older, newer) => make({ ...route, what: { kind: 'header', older, newer } }),
  }
}
