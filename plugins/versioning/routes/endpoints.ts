import type { Api, Version } from '../api.ts'
import type { EndpointChange } from '../endpoint.ts'

/** Where a route is in a version, and what of its answer is called otherwise. */
export interface Placed {
  readonly exists: boolean
  readonly method: string
  readonly path: string
  readonly moved: boolean
  /** Older statuses by those of now. */
  readonly statuses: ReadonlyMap<number, number>
  readonly headers: readonly { readonly older: string; readonly newer: string }[]
}

/** What the changes say of routes. */
export class Endpoints {
  private readonly api: Api
  private readonly placed = new Map<string, Placed>()
  private readonly moves = new Map<Version, readonly Move[]>()

  constructor(api: Api) {
    this.api = api
  }

  /** All routes that changes name, as `METHOD /path`. */
  get named(): string[] {
    return [...new Set(this.changes(0).map(({ method, path }) => `${method} ${path}`))]
  }

  /** The route as a version knows it. */
  at(method: string, path: string, version: Version): Placed {
    const key = `${version.name} ${method} ${path}`
    let known = this.placed.get(key)
    if (!known) this.placed.set(key, (known = this.place(method, path, version)))
    return known
  }

  private place(method: string, path: string, version: Version): Placed {
    const mine = (one: EndpointChange): boolean => one.method === method && one.path === path
    // From now back to the version.
    const later = this.changes(version.step).filter(mine).toReversed()
    const earlier = this.changes(0, version.step).filter(mine)
    const move = later.findLast(({ what }) => what.kind === 'moved')?.what as Move['to'] | undefined
    const newer = later.flatMap(({ what }) => (what.kind === 'status' ? [what.newer] : []))
    const statuses = new Map(newer.map((status) => [status, statusBefore(later, status)]))
    return {
      exists: !later.some(({ what }) => what.kind === 'added') && !earlier.some(({ what }) => what.kind === 'existed'),
      method: move?.method ?? method,
      path: move?.path ?? path,
      moved: move !== undefined,
      statuses,
      headers: later.flatMap(({ what }) => (what.kind === 'header' ? [{ older: what.older, newer: what.newer }] : [])),
    }
  }

  /** The URL at which a request of an older version finds its route now. */
  elsewhere(version: Version, method: string, path: string): string | undefined {
    let moves = this.moves.get(version)
    if (!moves) this.moves.set(version, (moves = this.movesFor(version)))
    for (const { pattern, method: from, to } of moves) {
      const found = from === method || (method === 'HEAD' && from === 'GET') ? pattern.exec(path) : null
      if (found) return to.path.replace(/:[^/]+|\*/g, () => found.splice(1, 1)[0] ?? '')
    }
    return undefined
  }

  private movesFor(version: Version): Move[] {
    const routes = new Set(
      this.changes(version.step)
        .filter(({ what }) => what.kind === 'moved')
        .map(({ method, path }) => `${method} ${path}`),
    )
    return [...routes].map((route) => {
      const [method = '', path = ''] = route.split(' ')
      const older = this.at(method, path, version)
      return { method: older.method, pattern: patternOf(older.path), to: { kind: 'moved', method, path } }
    })
  }

  /** Changes of some steps, the oldest first. */
  private changes(from: number, to = Number.POSITIVE_INFINITY): EndpointChange[] {
    return this.api.versions
      .toReversed()
      .slice(1)
      .filter(({ step }) => step - 1 >= from && step - 1 < to)
      .flatMap(({ changes }) => changes.flatMap(({ endpoints }) => endpoints))
  }
}

interface Move {
  readonly method: string
  readonly pattern: RegExp
  readonly to: { readonly kind: 'moved'; readonly method: string; readonly path: string }
}

const statusBefore = (later: readonly EndpointChange[], newer: number): number =>
  later.reduce((status, { what }) => (what.kind === 'status' && what.newer === status ? what.older : status), newer)

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[.+?^$(){}|[\]\\]/g, '\\$&')
      .replace(/:[^/]+/g, '([^/]+)')
      .replace(/\*/g, '(.*)')}/?$`,
  )
