import { refuse } from '../errors.ts'
import { closedCheck, isSchema, issuesOf } from '../schema.ts'
import { scopeOf } from '../scope.ts'
import type { Hook } from './hooks.ts'

/**
 * Checks a JSON body against its closed schema, last before Elysia's own validation: Elysia would drop unknown fields.
 * Forms are left to Elysia, which turns their texts into values first.
 */
export function bodyHook(schema: unknown): Hook | undefined {
  if (!isSchema(schema)) return undefined
  const optional = schema['~optional'] !== undefined
  return {
    isAsync: false,
    hasReturn: false,
    fn: ({ request, body }: { request: Request; body: unknown }) => {
      if (scopeOf(request).refusal !== undefined) return
      if (optional && (body === undefined || body === null)) return
      if (!isPlain(body)) return
      const type = request.headers.get('content-type')
      if (type !== null && !type.includes('json')) return
      const check = closedCheck(schema)
      if (check.Check(body)) return
      throw refuse('KWIK_INVALID', {
        detail: 'The body does not fit its schema.',
        errors: issuesOf(check.Errors(body), (pointer) => ({ pointer })),
      })
    },
  }
}

/** Blobs and forms have prototypes of their own. */
const isPlain = (body: unknown): boolean => {
  if (typeof body !== 'object' || body === null) return body !== undefined
  if (Array.isArray(body)) return true
  const prototype = Object.getPrototypeOf(body)
  return prototype === Object.prototype || prototype === null
}
