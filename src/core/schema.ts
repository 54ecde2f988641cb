import { Kind, type TRecord, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import { Value } from '@sinclair/typebox/value'
import { escaped, unescaped } from './internal/pointer.ts'
import { nearest } from './internal/spelling.ts'
import type { ProblemIssue } from './problem.ts'

/** The one door to TypeBox's checking. */
export const isSchema = (value: unknown): value is TSchema =>
  typeof value === 'object' && value !== null && Kind in value

/** Schemas by name: what references mean. */
export type Models = Readonly<Record<string, TSchema>>

/** TypeBox finds what a reference means by its `$id`. */
const named = (models: Models): TSchema[] => Object.entries(models).map(([$id, model]) => ({ ...model, $id }))

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>()

/** A compiled check of the schema with every object closed: an unknown field is a mistake, never dropped. */
export function closedCheck(schema: TSchema, models: Models = {}): TypeCheck<TSchema> {
  let check = checks.get(schema)
  if (!check) {
    check = TypeCompiler.Compile(closed(schema), named(closedAll(models)))
    checks.set(schema, check)
  }
  return check
}

/** Whether a value is what a schema says, and nothing more. */
export const fits = (schema: TSchema, value: unknown, models: Models = {}): boolean =>
  closedCheck(schema, models).Check(value)

/** What is wrong with a value, and where in it. */
export function misfitsOf(schema: TSchema, value: unknown, models: Models = {}): ProblemIssue[] {
  const check = closedCheck(schema, models)
  return check.Check(value) ? [] : issuesOf(check.Errors(value), (pointer) => ({ pointer }))
}

/** The same schema with `additionalProperties: false` on every object that does not say otherwise. */
export function closed(schema: TSchema): TSchema {
  if (TypeGuard.IsUnion(schema)) return { ...schema, anyOf: schema.anyOf.map(closed) } as TSchema
  const inner = closedInside(schema)
  if (TypeGuard.IsIntersect(schema)) return { unevaluatedProperties: false, ...inner } as TSchema
  return TypeGuard.IsObject(schema) ? ({ additionalProperties: false, ...inner } as TSchema) : inner
}

/** What is in a schema closed, but not itself: the other parts of an intersect add to its fields. */
function closedInside(schema: TSchema): TSchema {
  if (TypeGuard.IsIntersect(schema)) return { ...schema, allOf: schema.allOf.map(closedInside) } as TSchema
  if (TypeGuard.IsUnion(schema)) return { ...schema, anyOf: schema.anyOf.map(closedInside) } as TSchema
  if (TypeGuard.IsArray(schema)) return { ...schema, items: closed(schema.items) } as TSchema
  if (TypeGuard.IsTuple(schema)) return { ...schema, items: schema.items?.map(closed) } as TSchema
  if (TypeGuard.IsImport(schema)) return { ...schema, $defs: closedAll(schema.$defs) } as TSchema
  if (TypeGuard.IsRecord(schema)) return closedRecord(schema)
  if (!TypeGuard.IsObject(schema)) return schema
  const { additionalProperties: others } = schema
  return {
    ...schema,
    properties: closedAll(schema.properties),
    ...(typeof others === 'object' && { additionalProperties: closed(others) }),
  } as TSchema
}

/** A record takes any name that it says, but for `__proto__`: where Elysia copies a record, its fields would be inherited. */
function closedRecord(record: TRecord): TSchema {
  const fields = Object.entries(closedAll(record.patternProperties)).map(([name, schema]) => [
    `^(?!__proto__$)(?=[^]*?(?:${name}))`,
    schema,
  ])
  const { additionalProperties = false } = record
  return { ...record, additionalProperties, patternProperties: Object.fromEntries(fields) } as unknown as TSchema
}

const closedAll = (schemas: Readonly<Record<string, TSchema>>): Record<string, TSchema> =>
  Object.fromEntries(Object.entries(schemas).map(([key, value]) => [key, closed(value)]))

/** Whether a part of an intersect is a reference: what it refers to cannot be closed then, its fields are not all. */
export function refersInIntersect(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const { allOf } = schema as { allOf?: readonly object[] }
  if (Array.isArray(allOf) && allOf.some((one) => '$ref' in one)) return true
  return Object.values(schema).some(refersInIntersect)
}

/** One schema for what several together say of an object; `undefined` when one of them is of something else. */
export function merged(schemas: readonly TSchema[]): TSchema | undefined {
  if (schemas.length < 2) return schemas[0]
  if (!schemas.every((one) => TypeGuard.IsObject(one))) return undefined
  return Type.Object(Object.assign({}, ...schemas.map((one) => one.properties)))
}

/** What an object gets for the fields that are left out. */
export const defaultsOf = (schema: TSchema, models: Models): object =>
  TypeGuard.IsObject(schema) ? (Value.Default(schema, named(models), {}) as object) : {}

export const isOptional = (schema: TSchema): boolean => TypeGuard.IsOptional(schema)

/** The fields of a value that its schema, an object, does not have; for values that are yet to be decoded. */
export function unknownFieldsOf(schema: TSchema, value: object): ProblemIssue[] {
  if (!TypeGuard.IsObject(schema) || schema.additionalProperties) return []
  const known = Object.keys(schema.properties)
  const unknown = Object.keys(value).filter((name) => !known.includes(name))
  return unknown.map((name) => ({ ...unknownField(name, known, schema), pointer: `/${escaped(name)}` }))
}

/** What is wrong with a value, all at once, one issue a place. The value itself is never shown. */
export function issuesOf(errors: Iterable<ValueError>, where: (path: string) => Partial<ProblemIssue>): ProblemIssue[] {
  const issues = new Map<string, ProblemIssue>()
  for (const error of errors) {
    // Said once more of the whole, when a part of it was wrong.
    if (error.type === T.Intersect) continue
    for (const { path, ...issue } of meant(error)) {
      if (issues.has(path)) continue
      issues.set(path, { ...issue, ...where(path) })
      if (issues.size === 100) return [...issues.values()]
    }
  }
  return [...issues.values()]
}

const T = ValueErrorType

/** Of a value that may be NULL and is not, or is written as a text, what the other schema says of it; of any other mistake, itself. */
function* meant(error: ValueError): Iterable<ProblemIssue & { readonly path: string }> {
  const { type, schema, value, path } = error
  const any = schema['anyOf'] as readonly TSchema[] | undefined
  const others = any?.filter((one) => !TypeGuard.IsNull(one) && !isCarrier(one)) ?? []
  const inner = any && others.length === 1 && any.length > 1 ? error.errors[any.indexOf(others[0]!)] : undefined
  if (type !== T.Union || value === null || inner === undefined || others[0]!['const'] !== undefined)
    yield { path, ...issueOf(error) }
  else for (const one of inner) yield* meant(one)
}

/** Elysia's own: a number, or what else is no text, written as one in a URL or a form. */
const isCarrier = (schema: TSchema): boolean =>
  TypeGuard.IsString(schema) && ['numeric', 'integer', 'boolean'].includes(schema.format ?? '')

function issueOf({ type, schema, path, message }: ValueError): ProblemIssue {
  const name = unescaped(path.slice(path.lastIndexOf('/') + 1))
  if (type === T.ObjectAdditionalProperties || type === T.IntersectUnevaluatedProperties)
    return unknownField(name, Object.keys((schema['properties'] as object | undefined) ?? {}), schema)
  if (type === T.ObjectRequiredProperty) return { code: 'required', detail: `${name} is required` }
  if (type === T.Union || type === T.Literal) {
    const allowed = literalsOf(schema)
    if (allowed.length > 0)
      return {
        code: 'not-allowed',
        detail: `must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
        allowed: allowed.map(String),
      }
  }
  const code = codes[type]
  return { code: code ?? 'invalid', detail: detailOf(type, schema) ?? sentence(message) }
}

/** On the schema of a body: fields that clients see, and do not write here. */
export const seenOnly: unique symbol = Symbol('kwik.seenOnly')

function unknownField(name: string, known: readonly string[], schema: TSchema): ProblemIssue {
  if ((schema as { readonly [seenOnly]?: readonly string[] })[seenOnly]?.includes(name))
    return { code: 'read-only', detail: `${name} cannot be written here` }
  const suggestion = nearest(name, known)
  return {
    code: 'unknown-field',
    detail:
      suggestion === undefined
        ? `${name} is not a field here`
        : `${name} is not a field here, did you mean ${suggestion}?`,
    ...(suggestion !== undefined && { suggestion }),
  }
}

const codes: Partial<Record<ValueErrorType, string>> = {
  [T.StringMinLength]: 'too-short',
  [T.StringMaxLength]: 'too-long',
  [T.StringPattern]: 'wrong-format',
  [T.StringFormat]: 'wrong-format',
  [T.NumberMinimum]: 'too-small',
  [T.NumberExclusiveMinimum]: 'too-small',
  [T.NumberMaximum]: 'too-large',
  [T.NumberExclusiveMaximum]: 'too-large',
  [T.IntegerMinimum]: 'too-small',
  [T.IntegerMaximum]: 'too-large',
  [T.ArrayMinItems]: 'too-few',
  [T.ArrayMaxItems]: 'too-many',
  [T.ObjectMinProperties]: 'too-few',
  [T.String]: 'wrong-type',
  [T.Number]: 'wrong-type',
  [T.Integer]: 'wrong-type',
  [T.Boolean]: 'wrong-type',
  [T.Array]: 'wrong-type',
  [T.Object]: 'wrong-type',
  [T.Null]: 'wrong-type',
}

function detailOf(type: ValueErrorType, schema: TSchema): string | undefined {
  if (typeof schema['error'] === 'string') return schema['error']
  if (type === T.StringFormat) return `must be a valid ${String(schema['format'])}`
  if (type === T.StringPattern)
    return schema['description'] === undefined ? undefined : `must be ${String(schema['description'])}`
  return undefined
}

function literalsOf(schema: TSchema): unknown[] {
  if (schema['const'] !== undefined) return [schema['const']]
  const any = schema['anyOf'] as readonly TSchema[] | undefined
  const all = any?.map((one) => one['const']).filter((one) => one !== undefined) ?? []
  return all.length > 0 ? all : ((schema['enum'] as unknown[] | undefined) ?? [])
}

const sentence = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1)
