import type { Api, Version } from '../api.ts'
import type { EndpointChange } from '../endpoint.ts'
import { bare, filled, narrower, parametersOf, patternOf, shapeOf } from './paths.ts'

/** Where a route is in a version, and what of its answer is called otherwise. */
export interface Placed {
  readonly exists: boolean
  readonly method: string
  readonly path: string
  /** The title of the change that moved it. */
  readonly moved: string | undefined
  /** Names of its parameters now, by those that they had. */
  readonly names: Readonly<Record<string, string>>
  /** Older statuses by those of now. */
  readonly statuses: ReadonlyMap<number, number>
  readonly headers: readonly { readonly older: string; readonly newer: string }[]
}

/** A route as it is now. */
interface Route {
  readonly method: string
  readonly path: string
  isIn(version: Version): boolean
}

type Place = Pick<Route, 'method' | 'path'>
type Said = EndpointChange & { readonly title: string; readonly step: number }

/** What the changes say of routes. */
export class Endpoints {
  private readonly api: Api
  private readonly placed = new Map<string, Placed>()
  private readonly routes = new Map<string, Route>()
  /** By version, method and shape: two routes at one place would be one too many. */
  private readonly taken = new Map<string, Route>()
  private readonly moves = new Map<Version, readonly Move[]>()

  constructor(api: Api) {
    this.api = api
  }

  /** All routes that changes name, as `METHOD /path`. */
  get named(): string[] {
    return [...new Set(this.changes(0).map(nameOf))]
  }

  /** Takes in a route of the app. @throws {TypeError} where a version would have two at one path, one of them moved there */
  add(route: Route): void {
    this.routes.set(nameOf(route), route)
    this.moves.clear()
    for (const version of this.api.versions) {
      const { exists, method, path } = this.at(route.method, route.path, version)
      if (!exists || !route.isIn(version)) continue
      const key = `${version.name} ${method} ${shapeOf(path)}`
      const other = this.taken.get(key)
      this.taken.set(key, route)
      if (other && nameOf(other) !== nameOf(route)) this.checkBoth(route, other, version)
    }
  }

  /** The route as a version knows it. */
  at(method: string, path: string, version: Version): Placed {
    const key = `${version.name} ${method} ${path}`
    let known = this.placed.get(key)
    if (!known) this.placed.set(key, (known = this.place(method, bare(path), version)))
    return known
  }

  /** Where a request of an older version finds its route now. */
  elsewhere(version: Version, method: string, path: string): Place | undefined {
    for (const { was, is } of this.movesFor(version)) {
      const isIt = was.method === method || (method === 'HEAD' && was.method === 'GET')
      const values = isIt ? was.read(path) : undefined
      const found = values && is.fill(values)
      if (found !== undefined) return { method: is.method === 'GET' ? method : is.method, path: found }
    }
    return undefined
  }

  /** Where an older version has what is at a path now, if that is another one and can be told. */
  before(version: Version, method: string, path: string): string | undefined {
    for (const { was, is } of this.movesFor(version)) {
      const values = is.method === method ? is.read(path) : undefined
      if (values) return was.fill(values)
    }
    return undefined
  }

  /** Methods of the routes that a version had at a path that they have left since. */
  methodsAt(version: Version, path: string): string[] {
    return this.movesFor(version).flatMap(({ was }) => (was.read(path) ? [was.method] : []))
  }

  private place(method: string, path: string, version: Version): Placed {
    const mine = (one: Said): boolean => one.method === method && one.path === path
    // From now back to the version.
    const later = this.changes(version.step).filter(mine).toReversed()
    const earlier = this.changes(0, version.step).filter(mine)
    const move = later.findLast(({ what }) => what.kind === 'moved')
    const from = move?.what.kind === 'moved' ? move.what : { method, path, names: {} }
    if (later.some((one) => one !== move && one.what.kind === 'moved' && one.step === move?.step))
      throw new TypeError(`"${method} ${path}" is moved twice on the way to one version, also by "${move?.title}"`)
    const newer = later.flatMap(({ what }) => (what.kind === 'status' ? [what.newer] : []))
    const statuses = new Map(newer.map((status) => [status, statusBefore(later, status)]))
    return {
      exists: !later.some(({ what }) => what.kind === 'added') && !earlier.some(({ what }) => what.kind === 'existed'),
      method: from.method,
      path: from.path,
      moved: move?.title,
      names: from.names,
      statuses,
      headers: later.flatMap(({ what }) => (what.kind === 'header' ? [{ older: what.older, newer: what.newer }] : [])),
    }
  }

  private movesFor(version: Version): readonly Move[] {
    const known = this.moves.get(version)
    if (known) return known
    const all = [...this.routes.values()]
    const there = all
      .filter((route) => route.isIn(version))
      .map((route) => ({ route, placed: this.at(route.method, route.path, version) }))
      .filter(({ placed }) => placed.exists)
    const moves = there
      .filter(({ placed }) => placed.moved !== undefined)
      .map(({ route, placed }): Move => {
        const older = there.map((one) => one.placed)
        return { was: new Side(placed, older, placed.names), is: new Side(route, all, {}) }
      })
    this.moves.set(version, moves)
    return moves
  }

  private checkBoth(one: Route, two: Route, version: Version): void {
    const [a, b] = [one, two].map((route) => {
      const { moved } = this.at(route.method, route.path, version)
      return {
        said: `"${nameOf(route)}"${moved === undefined ? '' : `, moved by "${moved}"`}`,
        name: nameOf(route),
        moved,
      }
    })
    if (a!.moved === undefined && b!.moved === undefined) return
    const { method, path } = this.at(one.method, one.path, version)
    const still = [a!, b!].find(({ moved }) => moved === undefined)
    const remedy = still
      ? `say c.endpoint('${still.name}').didntExist() if that came later, or where it was: .moved('/…')`
      : 'one of them was at another path'
    throw new TypeError(
      `version "${version.name}" has two routes at "${method} ${path}": ${a!.said}, and ${b!.said}: ${remedy}`,
    )
  }

  /** Changes of some steps, the oldest first. */
  private changes(from: number, to = Number.POSITIVE_INFINITY): Said[] {
    return this.api.versions
      .toReversed()
      .slice(1)
      .filter(({ step }) => step - 1 >= from && step - 1 < to)
      .flatMap(({ step, changes }) =>
        changes.flatMap(({ title, endpoints }) => endpoints.map((one) => ({ ...one, title, step }))),
      )
  }
}

/** A route that moved, at both of its places. */
interface Move {
  readonly was: Side
  readonly is: Side
}

/** One place of a route that moved, among all routes that were there at the time. */
class Side implements Place {
  readonly method: string
  readonly path: string
  private readonly pattern: RegExp
  private readonly names: readonly string[]
  private readonly others: readonly RegExp[]
  constructor({ method, path }: Place, all: readonly Place[], names: Readonly<Record<string, string>>) {
    this.method = method
    this.path = path
    this.pattern = patternOf(path)
    this.names = parametersOf(path).map((name) => names[name] ?? name)
    this.others = narrower(
      path,
      all.filter((other) => other.method === method).map((other) => other.path),
    )
  }

  /** Values of its parameters, by their names now, where a path means this route and no other. */
  read(path: string): ReadonlyMap<string, string | undefined> | undefined {
    const found = this.pattern.exec(path)
    if (found === null || this.others.some((other) => other.test(path))) return undefined
    return new Map(this.names.map((name, at) => [name, found[at + 1]]))
  }

  fill(values: ReadonlyMap<string, string | undefined>): string | undefined {
    const own = parametersOf(this.path).map((name, at) => [name, values.get(this.names[at]!)] as const)
    return filled(this.path, new Map(own))
  }
}

const nameOf = ({ method, path }: Place): string => `${method} ${path}`

const statusBefore = (later: readonly EndpointChange[], newer: number): number =>
  later.reduce((status, { what }) => (what.kind === 'status' && what.newer === status ? what.older : status), newer)
