import { Kind, type TSchema, TypeGuard } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import { nearest } from './internal/spelling.ts'
import type { ProblemIssue } from './problem.ts'

/** The one door to TypeBox's checking. */
export const isSchema = (value: unknown): value is TSchema =>
  typeof value === 'object' && value !== null && Kind in value

const checks = new WeakMap<TSchema, TypeCheck<TSchema>>()

/** A compiled check of the schema with every object closed: an unknown field is a mistake, never dropped. */
export function closedCheck(schema: TSchema): TypeCheck<TSchema> {
  let check = checks.get(schema)
  if (!check) {
    check = TypeCompiler.Compile(closed(schema))
    checks.set(schema, check)
  }
  return check
}

/** The same schema with `additionalProperties: false` on every object that does not say otherwise. */
export function closed(schema: TSchema): TSchema {
  if (TypeGuard.IsIntersect(schema)) {
    if (schema.unevaluatedProperties !== undefined) return schema
    return { ...schema, unevaluatedProperties: false } as TSchema
  }
  if (TypeGuard.IsObject(schema)) {
    const properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, closed(value)]))
    return { additionalProperties: false, ...schema, properties } as TSchema
  }
  if (TypeGuard.IsArray(schema)) return { ...schema, items: closed(schema.items) } as TSchema
  if (TypeGuard.IsUnion(schema)) return { ...schema, anyOf: schema.anyOf.map(closed) } as TSchema
  return schema
}

/** What is wrong with a value, all at once, one issue a place. The value itself is never shown. */
export function issuesOf(errors: Iterable<ValueError>, where: (path: string) => Partial<ProblemIssue>): ProblemIssue[] {
  const issues = new Map<string, ProblemIssue>()
  for (const error of errors)
    for (const { path, ...issue } of meant(error)) {
      if (issues.has(path)) continue
      issues.set(path, { ...issue, ...where(path) })
      if (issues.size === 100) return [...issues.values()]
    }
  return [...issues.values()]
}

const T = ValueErrorType

/** Of a value that may be NULL and is not, what the other schema says of it; of any other mistake, itself. */
function* meant(error: ValueError): Iterable<ProblemIssue & { readonly path: string }> {
  const { type, schema, value, path } = error
  const any = schema['anyOf'] as readonly TSchema[] | undefined
  const others = any?.filter((one) => !TypeGuard.IsNull(one)) ?? []
  const inner = any && others.length === 1 && any.length === 2 ? error.errors[any.indexOf(others[0]!)] : undefined
  if (type !== T.Union || value === null || inner === undefined || others[0]!['const'] !== undefined)
    yield { path, ...issueOf(error) }
  else for (const one of inner) yield* meant(one)
}

function issueOf({ type, schema, path, message }: ValueError): ProblemIssue {
  const name = unescaped(path.slice(path.lastIndexOf('/') + 1))
  if (type === T.ObjectAdditionalProperties || type === T.IntersectUnevaluatedProperties)
    return unknownField(name, Object.keys((schema['properties'] as object | undefined) ?? {}))
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

function unknownField(name: string, known: readonly string[]): ProblemIssue {
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
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
