/** Without the slash at its end, which routers do not mind. */
export const bare = (path: string): string => path.replace(/(.)\/$/, '$1')

const parameter = /\/:([^/?]+)(\?)?|\*/g

/** Names of a path's parameters, in their order; of a wildcard it is `*`. */
export const parametersOf = (path: string): string[] => [...path.matchAll(parameter)].map(([, name]) => name ?? '*')

/** What may be left out: the last part of `/bills/:id?`. */
export const optionalsOf = (path: string): string[] =>
  [...path.matchAll(parameter)].flatMap(([, name, optional]) => (name !== undefined && optional ? [name] : []))

/** Matches the paths that a route takes, with a group for each parameter. */
export function patternOf(path: string): RegExp {
  let at = 0
  let source = ''
  const literal = (to: number): string => path.slice(at, to).replace(/[.+?^$(){}|[\]\\]/g, '\\$&')
  for (const found of path.matchAll(parameter)) {
    source += literal(found.index)
    source += found[1] === undefined ? '(.*)' : found[2] ? '(?:/([^/]+))?' : '/([^/]+)'
    at = found.index + found[0].length
  }
  return new RegExp(`^${source}${literal(path.length)}/?$`)
}

/** A path with its parameters filled in; `undefined` where one is missing. */
export function filled(path: string, values: ReadonlyMap<string, string | undefined>): string | undefined {
  const optional = optionalsOf(path)
  if (parametersOf(path).some((name) => values.get(name) === undefined && !optional.includes(name))) return undefined
  const made = path.replace(parameter, (_, name?: string) => {
    const value = values.get(name ?? '*')
    return name === undefined ? value! : value === undefined ? '' : `/${value}`
  })
  return made || '/'
}

/** Paths of one shape take the same requests, whatever their parameters are called. */
export const shapeOf = (path: string): string => path.replace(parameter, (_, name) => (name === undefined ? '*' : '/:'))

/** Of the routes beside one, those that a router prefers to it for some of its requests: `/bills/latest` beside `/bills/:id`. */
export function narrower(path: string, others: readonly string[]): RegExp[] {
  const pattern = patternOf(path)
  const rank = rankOf(path)
  return others.filter((other) => pattern.test(other) && rankOf(other) < rank).map(patternOf)
}

/** Part by part, a name goes before a parameter, and that before a wildcard. */
const rankOf = (path: string): string =>
  path
    .split('/')
    .map((part) => (part.startsWith(':') ? '1' : part === '*' ? '2' : '0'))
    .join('')
