import type { RouteFacts } from '#core/works'
import type { JsonSchema } from './schema.ts'
import type { Access } from './security.ts'

const text: JsonSchema = { type: 'string' }

/** The shape in which every error leaves (RFC 9457), as components of the document. */
export const problemSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: 'object',
    description: 'Problem details (RFC 9457).',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { type: 'string', format: 'uri-reference', description: 'What kind of problem this is.' },
      title: { type: 'string', description: 'The kind in a few words.' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      code: { type: 'string', description: 'Stable name of the kind, such as KWIK_INVALID.' },
      detail: { type: 'string', description: 'What happened this time.' },
      instance: { type: 'string', format: 'uri-reference' },
      errors: { type: 'array', items: { $ref: '#/components/schemas/ProblemIssue' } },
    },
  },
  ProblemIssue: {
    type: 'object',
    description: 'One thing that is wrong with a request.',
    required: ['code', 'detail'],
    properties: {
      code: { type: 'string', description: 'Stable kebab-case name of the mistake.' },
      detail: text,
      pointer: { type: 'string', description: 'Where in the body: a JSON pointer (RFC 6901).' },
      parameter: { type: 'string', description: 'Which query, path or header parameter.' },
      suggestion: { type: 'string', description: 'The closest right word.' },
      allowed: { type: 'array', items: text },
      at: {
        type: 'object',
        description: "Where in the parameter's value, in characters.",
        required: ['offset', 'length'],
        properties: { offset: { type: 'integer' }, length: { type: 'integer' } },
      },
    },
  },
}

const kinds = {
  400: ['BadRequest', 'The query string, the URL or the JSON cannot be read.'],
  401: ['Unauthorized', 'Nobody is signed in.'],
  403: ['Forbidden', 'The caller lacks the permission.'],
  404: ['NotFound', 'There is nothing here.'],
  409: [
    'Conflict',
    'The state of the resource does not allow this: a unique value is taken, something still refers to it, or the same request is under way.',
  ],
  422: ['UnprocessableContent', 'The request does not fit its schema.'],
  429: ['TooManyRequests', 'The caller asked too often: see Retry-After.'],
} as const
export type ProblemStatus = keyof typeof kinds

const content: JsonSchema = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

export const problemResponses: Readonly<Record<string, JsonSchema>> = {
  ...Object.fromEntries(Object.values(kinds).map(([name, description]) => [name, { description, content }])),
  Problem: { description: 'Any other problem.', content },
}

export const problemReference = (status: ProblemStatus | 'default'): JsonSchema => ({
  $ref: `#/components/responses/${status === 'default' ? 'Problem' : kinds[status][0]}`,
})

/** Whether clients may repeat the route's requests with one `Idempotency-Key`. */
export const isIdempotent = (options: RouteFacts['options']): boolean =>
  options['idempotent'] !== undefined && options['idempotent'] !== false

/** The refusals that a route's own words make possible. Those of its handler are declared by the route. */
export function refusalsOf(
  { schema, path, options }: RouteFacts,
  { security, permissions, owned }: Access,
): ProblemStatus[] {
  const standalone = (schema['standaloneValidator'] ?? []) as readonly Readonly<Record<string, unknown>>[]
  const has = (part: string) => schema[part] !== undefined || standalone.some((one) => one[part] !== undefined)
  const repeats = isIdempotent(options)
  const limited = options['rateLimit'] !== undefined && options['rateLimit'] !== false
  return [
    ...(has('query') || has('body') || repeats ? [400 as const] : []),
    ...(security.length > 0 ? [401 as const] : []),
    ...(permissions ? [403 as const] : []),
    ...(owned || path.includes('/:') ? [404 as const] : []),
    ...(repeats ? [409 as const] : []),
    ...(repeats || has('body') || has('params') || has('headers') || has('cookie') ? [422 as const] : []),
    ...(limited ? [429 as const] : []),
  ]
}
