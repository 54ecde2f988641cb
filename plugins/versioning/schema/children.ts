import { type TObject, type TSchema, Type, TypeGuard } from '@sinclair/typebox'

/** A schema with each schema in it in another form; itself where none is. */
export function mapChildren(schema: TSchema, map: (child: TSchema) => TSchema): TSchema {
  if (TypeGuard.IsObject(schema)) {
    const properties = mapAll(schema.properties, map)
    const { additionalProperties: others } = schema
    const more = typeof others === 'object' ? map(others) : others
    return properties === schema.properties && more === others
      ? schema
      : withProperties({ ...schema, ...(more !== undefined && { additionalProperties: more }) } as TObject, properties)
  }
  if (Array.isArray(schema['items'])) return mapped(schema, 'items', mapList(schema['items'], map))
  if (typeof schema['items'] === 'object') return mapped(schema, 'items', map(schema['items'] as TSchema))
  for (const key of ['anyOf', 'allOf', 'oneOf'])
    if (Array.isArray(schema[key])) return mapped(schema, key, mapList(schema[key], map))
  if (schema['patternProperties'] !== undefined)
    return mapped(schema, 'patternProperties', mapAll(schema['patternProperties'] as Record<string, TSchema>, map))
  if (TypeGuard.IsImport(schema)) return mapped(schema, '$defs', mapAll(schema.$defs as Record<string, TSchema>, map))
  return schema
}

/** The same object with other properties; what must be there is told anew. */
export function withProperties(schema: TObject, properties: Record<string, TSchema>): TObject {
  const { required: _, properties: __, ...rest } = schema
  return { ...rest, ...Type.Object(properties) } as TObject
}

const mapped = (schema: TSchema, key: string, made: unknown): TSchema =>
  made === schema[key] ? schema : ({ ...schema, [key]: made } as TSchema)

function mapList(all: readonly TSchema[], map: (child: TSchema) => TSchema): readonly TSchema[] {
  const made = all.map(map)
  return made.some((one, at) => one !== all[at]) ? made : all
}

function mapAll(all: Record<string, TSchema>, map: (child: TSchema) => TSchema): Record<string, TSchema> {
  const made = Object.entries(all).map(([name, one]) => [name, map(one)] as const)
  return made.some(([name, one]) => one !== all[name]) ? Object.fromEntries(made) : all
}
