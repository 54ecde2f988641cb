import { type TObject, type TOptional, type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { BootError } from '#core/boot-error'

/** Settings that one plugin brings. */
export interface SettingsSlice<T extends object = object> {
  /** Who brings them: for the message when two bring the same. */
  readonly owner: string
  readonly properties: T
}

/** An interface as an object type: TypeBox wants an index signature. */
type Properties<T> = { [K in keyof T]: T[K] extends TSchema ? T[K] : never }

type Joined<Slices extends readonly SettingsSlice[]> = Slices extends readonly [
  SettingsSlice<infer First>,
  ...infer Rest extends readonly SettingsSlice[],
]
  ? Properties<First> & Joined<Rest>
  : {}

/** The schema of several slices. */
export type MergedSlices<Slices extends readonly SettingsSlice[]> =
  Joined<Slices> extends infer All extends TProperties ? TObject<All> : never

/** Names the settings that a plugin brings, for `mergeSlices`. From `kwik/settings`. */
export const settingsSlice = <T extends object>(owner: string, properties: T): SettingsSlice<T> => ({
  owner,
  properties,
})

/**
 * Makes one schema of the settings of several plugins and of the app. Two may bring parts of one group, but not one setting.
 * From `kwik/settings`.
 *
 * @throws {BootError} when two bring one setting, naming both
 * @example
 * const settings = defineSettings(mergeSlices(settingsSlice('kwik', kwikSettings), audit.settings, settingsSlice('shop', { shop })))
 */
export function mergeSlices<const Slices extends readonly SettingsSlice[]>(...slices: Slices): MergedSlices<Slices> {
  const faults: string[] = []
  const owners = new Map<string, string>()
  let merged: TProperties = {}
  for (const { owner, properties } of slices)
    merged = joined(merged, properties as TProperties, owner, '', owners, faults)
  if (faults.length > 0) throw new BootError(faults)
  return Type.Object(merged) as never
}

function joined(
  before: TProperties,
  more: TProperties,
  owner: string,
  above: string,
  owners: Map<string, string>,
  faults: string[],
): TProperties {
  const all: Record<string, TSchema> = { ...before }
  for (const [name, schema] of Object.entries(more)) {
    const key = `${above}${name}`
    const known = all[name]
    if (TypeGuard.IsObject(schema) && (known === undefined || TypeGuard.IsObject(known))) {
      const inner = joined(known?.properties ?? {}, schema.properties, owner, `${key}.`, owners, faults)
      const isOptional = TypeGuard.IsOptional(schema) && (known === undefined || TypeGuard.IsOptional(known))
      all[name] = isOptional ? (Type.Optional(Type.Object(inner)) as TOptional<TObject>) : Type.Object(inner)
    } else if (known === undefined) all[name] = schema
    else
      faults.push(
        `the setting ${key} is brought by ${ownerOf(key, owners)} and by ${owner}: one of them must call it otherwise`,
      )
    if (!owners.has(key)) owners.set(key, owner)
  }
  return all
}

/** Of a group the one who brought it first. */
const ownerOf = (key: string, owners: ReadonlyMap<string, string>): string => owners.get(key) ?? 'another'
