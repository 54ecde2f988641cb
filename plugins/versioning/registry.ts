import type { AnyElysia } from 'elysia'
import type { Api, Migrations } from './api.ts'
import type { VersionedRoute } from './routes/route.ts'
import type { UsageStore } from './usage/usage.ts'

const apis = new WeakMap<AnyElysia, () => Api>()
/** An app that serves versions. */
export interface Served {
  readonly api: Api
  /** By `METHOD /path`. */
  readonly routes: ReadonlyMap<string, VersionedRoute>
  readonly usage: UsageStore | undefined
}
const roots = new WeakMap<AnyElysia, Served>()

export const rememberApi = (plugin: AnyElysia, api: () => Api): void => void apis.set(plugin, api)
export const rememberRoot = (root: AnyElysia, served: Served): void => void roots.set(root, served)

/** The versions that an app serves; `undefined` for one without. It is known once the app is booted. */
export const servedBy = (root: AnyElysia): Served | undefined => roots.get(root)

/** @throws {TypeError} for anything but what `versions()` made, and for versions that cannot be meant */
export function apiOf(plugin: AnyElysia): Api {
  const api = apis.get(plugin)
  if (!api) throw new TypeError('that is not what versions() returned')
  return api()
}

/**
 * How many bodies and queries were lifted, and answers lowered, since the start of the process. Requests at the newest
 * version add nothing: that nothing is done for them can be seen here. From `kwik/versioning`.
 *
 * @param api what `versions()` returned
 */
export const migrationCounts = (api: AnyElysia): Readonly<Migrations> => apiOf(api).migrations
