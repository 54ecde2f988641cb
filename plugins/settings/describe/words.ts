import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type { Leaf } from '../leaves.ts'

/** The type of a setting in words for people: `integer, 0 to 65535`, `one of "a", "b"`, `list of text`. */
export function typeInWords(schema: TSchema): string {
  if (typeof schema['inWords'] === 'string') return schema['inWords']
  if (schema['secret'] === true) return `secret${limits(schema)}`
  if (TypeGuard.IsString(schema)) return `text${limits(schema)}`
  if (TypeGuard.IsInteger(schema)) return `integer${limits(schema)}`
  if (TypeGuard.IsNumber(schema)) return `number${limits(schema)}`
  if (TypeGuard.IsBoolean(schema)) return 'true or false'
  if (TypeGuard.IsNull(schema)) return 'null'
  if (TypeGuard.IsLiteral(schema)) return JSON.stringify(schema.const)
  if (TypeGuard.IsArray(schema)) return `list of ${typeInWords(schema.items)}`
  if (TypeGuard.IsRecord(schema))
    return `record of ${typeInWords(Object.values(schema.patternProperties)[0] as TSchema)}`
  if (TypeGuard.IsObject(schema)) return 'object'
  if (TypeGuard.IsUnion(schema)) {
    const members = schema.anyOf.map(typeInWords)
    return schema.anyOf.every(TypeGuard.IsLiteral) ? `one of ${members.join(', ')}` : members.join(' or ')
  }
  return 'text'
}

function limits({ minimum, maximum, minLength, maxLength }: TSchema): string {
  const of = (low: number | undefined, high: number | undefined, unit: string): string => {
    if (low !== undefined && high !== undefined) return `, ${low} to ${high}${unit}`
    if (low !== undefined) return `, ${low}${unit} at least`
    return high === undefined ? '' : `, ${high}${unit} at most`
  }
  return of(minimum, maximum, '') || of(minLength, maxLength, ' characters')
}

/** One setting as pages and example files tell it. */
export interface Described {
  readonly key: string
  readonly type: string
  /** As JSON, or in the words of the part that has it; nothing, where there is none. */
  readonly byDefault: string | undefined
  readonly required: boolean
  readonly requiredIn: readonly string[]
  readonly hot: boolean
  readonly secret: boolean
  /** The one that follows from its place first. */
  readonly variables: readonly string[]
  /** As a variable would have it. */
  readonly example: string
  readonly says: string
}

export function described(leaf: Leaf): Described {
  const { key, schema, optional, requiredIn, hot, secret, variables } = leaf
  const { default: initial, description = '', examples, byDefault } = schema
  const example =
    valueIn(byDefault) ?? (examples as readonly unknown[] | undefined)?.[0] ?? initial ?? exampleOf(schema, secret)
  return {
    key,
    type: typeInWords(schema),
    byDefault: secret ? undefined : initial === undefined ? (byDefault as string | undefined) : JSON.stringify(initial),
    required: !optional && initial === undefined,
    requiredIn,
    hot,
    secret,
    variables: [...variables].reverse(),
    example: typeof example === 'string' ? example : JSON.stringify(example),
    says: description,
  }
}

/** The value that a part says to be its default, where that is a value and no words. */
function valueIn(byDefault: unknown): unknown {
  if (typeof byDefault !== 'string') return undefined
  const quoted = /^'([^']+)'$/.exec(byDefault)?.[1]
  return quoted ?? (/^(?:\d[\d.]*|true|false)$/.test(byDefault) ? byDefault : undefined)
}

/** Something that the type takes, where nobody said what. */
function exampleOf(schema: TSchema, secret: boolean): unknown {
  if (secret) return ''
  if (TypeGuard.IsBoolean(schema)) return true
  if (TypeGuard.IsInteger(schema) || TypeGuard.IsNumber(schema)) return schema.minimum ?? 1
  if (TypeGuard.IsArray(schema)) return []
  if (TypeGuard.IsRecord(schema) || TypeGuard.IsObject(schema)) return {}
  if (TypeGuard.IsLiteral(schema)) return schema.const
  if (TypeGuard.IsUnion(schema)) return exampleOf(schema.anyOf[0]!, false)
  return ''
}
