import { type TSchema, Type } from '@sinclair/typebox'
import type { FieldNaming } from '#core/ports/field-naming'
import type { Model } from '../declare/model.ts'
import { nameIn } from './names-paths.ts'

/** The query of a list in the words of an older version, for its document. */
export function queryInNames(query: TSchema, model: Model, naming: FieldNaming): TSchema {
  const properties = Object.entries(query['properties'] as Record<string, TSchema>).flatMap(([name, schema]) => {
    const { called, of } = within(name, model, naming)
    if (called === undefined) return []
    if (/(^|\.)(sort|fields)$/.test(name)) return [[called, namesIn(schema, of, naming)] as const]
    return [[called, wordsIn(schema, name, of, naming)] as const]
  })
  return { ...query, ...Type.Object(Object.fromEntries(properties), { additionalProperties: true }) }
}

/** The name of a parameter, and whose fields it is about. */
function within(
  name: string,
  root: Model,
  naming: FieldNaming,
): { readonly called: string | undefined; readonly of: Model } {
  let model = root
  let at = name.startsWith('expand.') ? 'expand.'.length : 0
  while (at > 0) {
    const dot = name.indexOf('.', at)
    const relation = dot === -1 ? undefined : model.relations.get(name.slice(at, dot))
    if (relation === undefined) break
    model = relation.target
    at = dot + 1
  }
  const found = nameIn(naming, model, name.slice(at), 'older')
  return { called: found && name.slice(0, at) + found.name, of: model }
}

function namesIn(schema: TSchema, model: Model, naming: FieldNaming): TSchema {
  const items = schema['items'] as { enum?: string[] } | undefined
  if (!items?.enum) return schema
  const words = items.enum.flatMap((word) => {
    const [, sign = '', name = ''] = /^(-?)(.*)$/.exec(word)!
    const found = nameIn(naming, model, name, 'older')
    return found ? [sign + found.name] : []
  })
  return { ...schema, items: { ...items, enum: words } }
}

/** The values of an enum as the version has them. */
function wordsIn(schema: TSchema, name: string, model: Model, naming: FieldNaming): TSchema {
  const field = name.split('[')[0]!.split('.').at(-1)!
  const table = naming.of(model.table)
  if (table === undefined || !model.fields.has(field)) return schema
  const shown = (value: unknown): unknown => (typeof value === 'string' ? (table.shown(field, value) ?? value) : value)
  const turned = (one: TSchema): TSchema =>
    ({
      ...one,
      ...(one['const'] !== undefined && { const: shown(one['const']) }),
      ...(Array.isArray(one['enum']) && { enum: [...new Set(one['enum'].map(shown))] }),
      ...(Array.isArray(one['anyOf']) && { anyOf: one['anyOf'].map(turned) }),
      ...(typeof one['items'] === 'object' && { items: turned(one['items'] as TSchema) }),
    }) as TSchema
  return turned(schema)
}
