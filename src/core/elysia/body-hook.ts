import type { TSchema } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { formFaults } from '../internal/form-parts.ts'
import type { ProblemError, ProblemIssue } from '../problem.ts'
import {
  closedCheck,
  defaultsOf,
  isOptional,
  isSchema,
  issuesOf,
  type Models,
  merged,
  refersInIntersect,
  unknownFieldsOf,
} from '../schema.ts'
import { scopeOf } from '../scope.ts'
import type { Hook } from './hooks.ts'

/**
 * What a route's body must fit: its own schema, or the model it names, with those of guards and macros that stand alone.
 * `undefined` when there is none, or one that is not TypeBox's.
 */
export function bodySchema(hooks: Readonly<Record<string, unknown>>, models: Models): TSchema | undefined {
  const alone = (hooks['standaloneValidator'] ?? []) as readonly { readonly body?: unknown }[]
  const said = [hooks['body'], ...alone.map((one) => one.body)].filter((one) => one !== undefined)
  const schemas = said.map((one) => (typeof one === 'string' ? models[one] : one))
  return schemas.every(isSchema) ? merged(schemas) : undefined
}

/** What is wrong with a body; nothing for one that is not to be checked here. */
export type BodyCheck = (request: Request, body: unknown) => readonly ProblemIssue[]

/**
 * Checks bodies against their closed schema. Of a form only the names are checked: Elysia turns its texts into values
 * first. `undefined` where what may stand in a body cannot be known.
 */
export function bodyCheck(schema: TSchema | undefined, models: Models): BodyCheck | undefined {
  if (schema === undefined || refersInIntersect(schema) || refersInIntersect(models)) return undefined
  const optional = isOptional(schema)
  const defaults = defaultsOf(schema, models)
  const hasDefaults = Object.keys(defaults).length > 0
  const wrongIn = (body: unknown): readonly ProblemIssue[] => {
    const check = closedCheck(schema, models)
    const whole = hasDefaults && typeof body === 'object' && !Array.isArray(body) ? { ...defaults, ...body } : body
    return check.Check(whole) ? [] : issuesOf(check.Errors(whole), (pointer) => ({ pointer }))
  }
  return (request, body) => {
    if (optional && (body === undefined || body === null)) return []
    if (!isPlain(body)) return []
    const type = request.headers.get('content-type') ?? ''
    // Text is Elysia's to read.
    if (typeof body === 'string' && !type.includes('json')) return []
    if (!isForm(type)) return wrongIn(body)
    return [...unknownFieldsOf(schema, body as object), ...formFaults(body as object)]
  }
}

/** What no app takes, whatever it does about unknown fields. */
const worstIn: BodyCheck = (request, body) =>
  typeof body === 'object' && isPlain(body) && isForm(request.headers.get('content-type') ?? '')
    ? formFaults(body as object)
    : []

/** Checks a body last before Elysia's own validation: Elysia would drop unknown fields. */
export const bodyHook = (wrongIn: BodyCheck = worstIn): Hook => ({
  isAsync: false,
  hasReturn: false,
  fn: ({ request, body }: { request: Request; body: unknown }) => {
    if (scopeOf(request).refusal !== undefined) return
    const errors = wrongIn(request, body)
    if (errors.length > 0) throw misfit(errors)
  },
})

export const misfit = (errors: readonly ProblemIssue[]): ProblemError =>
  refuse('KWIK_INVALID', { detail: 'The body does not fit its schema.', errors })

const isForm = (type: string): boolean => /^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(type)

/** Blobs and forms have prototypes of their own. */
const isPlain = (body: unknown): boolean => {
  if (typeof body !== 'object' || body === null) return body !== undefined
  if (Array.isArray(body)) return true
  const prototype = Object.getPrototypeOf(body)
  return prototype === Object.prototype || prototype === null
}
