import type { TSchema } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import type { Version } from './api.ts'
import type { VersionsPlugin } from './plugin.ts'
import { apiOf, servedBy } from './registry.ts'
import type { RouteSchemas } from './routes/schemas.ts'
import type { Converters } from './schema/convert.ts'
import type { SchemaHistory } from './schema/history.ts'
import { nameOfTarget, objectOf } from './schema/target.ts'

/** Any API's versions. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the names of its versions are
export type AnyVersions = VersionsPlugin<any>

/** What tools and tests read of an API. */
export interface VersionsInside {
  readonly history: SchemaHistory
  readonly converters: Converters
  /** The newest first. */
  readonly versions: readonly Version[]
  /** Whole objects that changes are about, as they are now. */
  readonly targets: readonly { readonly name: string; readonly schema: TSchema }[]
  /** Schemas of the routes of a booted app. */
  routesOf(root: AnyElysia): ReadonlyMap<string, RouteSchemas>
}

/** @throws {TypeError} for anything but what `versions()` made, and for versions that cannot be meant */
export function versionsInside(versions: AnyElysia): VersionsInside {
  const api = apiOf(versions)
  const targets = new Set(api.history.steps.flatMap(({ lenses }) => lenses.map(({ target }) => target)))
  return {
    history: api.history,
    converters: api.converters,
    versions: api.versions,
    targets: [...targets].flatMap((target) => {
      const schema = objectOf(target)
      return schema ? [{ name: nameOfTarget(target), schema }] : []
    }),
    routesOf: (root) => new Map([...(servedBy(root)?.routes ?? [])].map(([name, { schemas }]) => [name, schemas])),
  }
}
