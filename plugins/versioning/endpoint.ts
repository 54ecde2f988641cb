/** What is different about one route, named as it is now. */
export interface EndpointChange {
  readonly method: string
  readonly path: string
  readonly what:
    | { readonly kind: 'existed' }
    | { readonly kind: 'added' }
    | { readonly kind: 'moved'; readonly method: string; readonly path: string }
    | { readonly kind: 'status'; readonly older: number; readonly newer: number }
    | { readonly kind: 'header'; readonly older: string; readonly newer: string }
}

/** What may be said of a route. */
export interface EndpointWords<I> {
  /** Only older clients find it. */
  existed(): I
  /** Older clients do not find it. */
  didntExist(): I
  /** Older clients find it there: `'/bills/:id'`, or `'PUT /bills/:id'`. Parameters are told by their order. */
  moved(from: string): I
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

export function endpointWords<I>(said: string, make: (change: EndpointChange) => I): EndpointWords<I> {
  const route = routeIn(said)
  return {
    existed: () => make({ ...route, what: { kind: 'existed' } }),
    didntExist: () => make({ ...route, what: { kind: 'added' } }),
    moved: (from) => make({ ...route, what: { kind: 'moved', ...routeIn(from, route.method) } }),
    status: (older, newer) => make({ ...route, what: { kind: 'status', older, newer } }),
    header: (older, newer) => make({ ...route, what: { kind: 'header', older, newer } }),
  }
}
