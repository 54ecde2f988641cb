import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type { Definition } from '../definition.ts'
import { type Group, isGroup, type Leaf } from '../leaves.ts'

/** A declaration of what `settings.current` is, for programs that have it by other means than the schema. */
export function typesFileOf({ root }: Pick<Definition, 'root'>): string {
  return `import type { Secret } from 'kwik/settings'\n\nexport interface AppSettings ${group(root, '')}\n`
}

function group({ parts }: Group, indent: string): string {
  const rows = Object.entries(parts).map(([name, part]) => {
    const isOptional = isGroup(part) ? part.optional : part.optional && part.schema['default'] === undefined
    const type = isGroup(part) ? group(part, `${indent}  `) : leaf(part)
    const says = isGroup(part) ? undefined : (part.schema.description as string | undefined)
    const doc = says === undefined ? '' : `${indent}  /** ${says.replaceAll('*/', '* /')} */\n`
    return `${doc}${indent}  readonly ${nameOf(name)}${isOptional ? '?' : ''}: ${type}\n`
  })
  return `{\n${rows.join('')}${indent}}`
}

const leaf = ({ schema, secret }: Leaf): string => (secret ? 'Secret' : typeOf(schema))

function typeOf(schema: TSchema): string {
  if (TypeGuard.IsInteger(schema) || TypeGuard.IsNumber(schema)) return 'number'
  if (TypeGuard.IsBoolean(schema)) return 'boolean'
  if (TypeGuard.IsNull(schema)) return 'null'
  if (TypeGuard.IsLiteral(schema)) return JSON.stringify(schema.const)
  if (TypeGuard.IsUnion(schema)) return schema.anyOf.map(typeOf).join(' | ')
  if (TypeGuard.IsArray(schema)) return `readonly (${typeOf(schema.items)})[]`
  if (TypeGuard.IsRecord(schema))
    return `Readonly<Record<string, ${typeOf(Object.values(schema.patternProperties)[0] as TSchema)}>>`
  if (!TypeGuard.IsObject(schema)) return 'string'
  const fields = Object.entries(schema.properties).map(
    ([name, one]) => `readonly ${nameOf(name)}${TypeGuard.IsOptional(one) ? '?' : ''}: ${typeOf(one)}`,
  )
  return `{ ${fields.join('; ')} }`
}

const nameOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
