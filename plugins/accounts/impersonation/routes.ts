import { type TSchema, Type } from '@sinclair/typebox'
import { namedPermissions } from '#core/grants'
import type { Duration } from '#core/internal/duration'
import { scopeOf } from '#core/scope'
import { type AccountRoute, callerOf, idOf } from '../routes/route.ts'
import { idParams, nothing } from '../schemas.ts'
import type { Accounts } from '../service.ts'

const tags = ['impersonation']
const person: TSchema = Type.Object({ id: Type.String({ format: 'uuid' }), email: Type.String() })
const moment: TSchema = Type.Optional(Type.String({ format: 'date-time' }))

const body: TSchema = Type.Object(
  {
    reason: Type.String({ minLength: 1, maxLength: 500, description: 'for whoever reads the security events later' }),
    ttl: Type.Optional(
      Type.Union([Type.String({ maxLength: 20 }), Type.Number({ minimum: 1, maximum: 3600 })], {
        description: "how long it lasts, an hour at most: '15m', or seconds",
      }),
    ),
  },
  // What the service asks for where the other is stronger.
  { [namedPermissions]: ['users:impersonate:any'] },
)
const tokenAnswer: TSchema = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'seconds' }),
})
const answer: TSchema = Type.Object({
  impersonating: Type.Boolean(),
  user: person,
  actor: Type.Optional(person),
  since: moment,
  until: moment,
  reason: Type.Optional(Type.String()),
})

type Asked = { request: Request; params: { id: string }; body: { reason: string; ttl?: Duration } }

/** Acting for another user, and ending that. */
export function impersonationRoutes(service: Accounts): readonly AccountRoute[] {
  return [
    {
      method: 'POST',
      path: '/users/:id/impersonate',
      options: {
        permission: 'users:impersonate',
        inPerson: true,
        params: idParams,
        body,
        response: { 200: tokenAnswer },
        detail: { tags, summary: 'Act for a user for a while', description: 'Answers a token that names both.' },
      },
      handler: async ({ body: { reason, ttl }, params, request }: Asked) => {
        const scope = scopeOf(request)
        const { accessToken, tokenType, expiresIn } = await service.impersonate(callerOf(request), idOf(params), {
          reason,
          ...(ttl !== undefined && { ttl }),
        })
        // RFC 6749, 5.1.
        scope.header('cache-control', 'no-store')
        return { accessToken, tokenType, expiresIn }
      },
    },
    {
      method: 'POST',
      path: '/auth/stop-impersonating',
      options: {
        auth: true,
        response: { 204: nothing },
        detail: { tags, summary: 'Stop acting for somebody; the own session goes on' },
      },
      handler: async ({ request }: { request: Request }) => {
        await service.stopImpersonating(callerOf(request))
        // Deno refuses the empty text that Elysia would put into a 204.
        return new Response(null, { status: 204 })
      },
    },
    {
      method: 'GET',
      path: '/auth/impersonation',
      options: {
        auth: true,
        response: { 200: answer },
        detail: { tags, summary: 'Who the caller is, and who really acts' },
      },
      handler: ({ request }: { request: Request }) => service.impersonationOf(callerOf(request)),
    },
  ]
}
