import type { Api, Version } from './api.ts'

/** The versions in which a route exists: one, several, or from one to another, both included. */
export type VersionRange<V extends string = string> = V | readonly V[] | { readonly from?: V; readonly until?: V }

/** Whether a version is in a range. @throws {TypeError} for versions that are not there, and a range of none */
export function rangeCheck(range: VersionRange, api: Api): (version: Version) => boolean {
  const find = (name: string): Version => {
    const found = api.version(name)
    if (found) return found
    throw new TypeError(
      `version: there is no version "${name}": there are ${api.versions.map((one) => one.name).join(', ')}`,
    )
  }
  if (typeof range === 'string' || Array.isArray(range)) {
    const names = [range as string | readonly string[]].flat()
    if (names.length === 0) throw new TypeError('version: name at least one version')
    const steps = new Set(names.map((name) => find(name).step))
    return ({ step }) => steps.has(step)
  }
  if (typeof range !== 'object' || range === null) throw new TypeError("version: write { from: '2' } or { until: '1' }")
  const { from, until } = range as { from?: string; until?: string }
  const first = from === undefined ? 0 : find(from).step
  const last = until === undefined ? api.newest.step : find(until).step
  if (first > last) throw new TypeError(`version: "${from}" is newer than "${until}": the range has no version`)
  return ({ step }) => first <= step && step <= last
}
