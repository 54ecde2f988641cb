import { type TSchema, Type } from '@sinclair/typebox'
import type { Duration } from '#core/internal/duration'
import { scopeOf } from '#core/scope'
import { pageRequest, withLinks } from '../routes/page.ts'
import { type AccountRoute, callerOf, idOf, locationOf } from '../routes/route.ts'
import { idParams, nothing, pageOf, pageQuery } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { NewApiKey } from './types.ts'

type Asked<Body = undefined> = { request: Request; params: { id: string }; body: Body; set: { status?: number } }

const tags = ['API keys']
const moment: TSchema = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const name: TSchema = Type.String({ minLength: 1, maxLength: 100 })
const id: TSchema = Type.String({ format: 'uuid' })

const keyFields = {
  id,
  userId: id,
  name: Type.String(),
  hint: Type.String({ description: 'how the key begins and ends' }),
  scopes: Type.Array(Type.String()),
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: moment,
  revokedAt: moment,
  lastUsedAt: moment,
  replacedById: Type.Union([id, Type.Null()]),
}
const keyAnswer: TSchema = Type.Object(keyFields)
const madeAnswer: TSchema = Type.Object({
  ...keyFields,
  key: Type.String({ description: 'the key itself: it is shown this once' }),
})
const keyBody: TSchema = Type.Object({
  name,
  scopes: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 100 }),
  expiresAt: Type.Optional(moment),
})
const rotation: TSchema = Type.Object({
  overlap: Type.Optional(
    Type.Union([Type.String({ maxLength: 20 }), Type.Number({ minimum: 0 })], {
      description: "how long the old key stays good: '1h', or seconds",
      default: '1h',
    }),
  ),
})
const keyParams: TSchema = Type.Object({ id, keyId: id })

/** Only somebody who signed in themselves: a key that could make keys would outlive its own end. */
const own = { auth: true, inPerson: true }
const manage = { permission: 'api-keys:manage', inPerson: true }

/** Users' own keys, and ending those of others. */
export function apiKeyRoutes({ apiKeys }: Accounts): readonly AccountRoute[] {
  return [
    {
      method: 'GET',
      path: '/users/me/api-keys',
      options: {
        ...own,
        query: pageQuery,
        response: { 200: pageOf(keyAnswer) },
        detail: { tags, summary: 'List the API keys of the caller' },
      },
      handler: async ({ request }: { request: Request }) =>
        withLinks(request, await apiKeys.list(callerOf(request).id, pageRequest(request.url))),
    },
    {
      method: 'GET',
      path: '/users/me/api-keys/:id',
      options: {
        ...own,
        params: idParams,
        response: { 200: keyAnswer },
        detail: { tags, summary: 'One API key of the caller' },
      },
      handler: ({ params, request }: Asked) => apiKeys.find(callerOf(request).id, idOf(params)),
    },
    {
      method: 'POST',
      path: '/users/me/api-keys',
      options: {
        ...own,
        body: keyBody,
        response: { 201: madeAnswer },
        detail: { tags, summary: 'Make an API key', description: 'The key itself is in this answer and nowhere else.' },
      },
      handler: async ({ body, request, set }: Asked<NewApiKey>) => {
        const caller = callerOf(request)
        const made = await apiKeys.create(caller.id, body, caller)
        const scope = scopeOf(request)
        scope.header('location', locationOf(request, made.id))
        scope.header('cache-control', 'no-store')
        set.status = 201
        return made
      },
    },
    {
      method: 'PATCH',
      path: '/users/me/api-keys/:id',
      options: {
        ...own,
        params: idParams,
        body: Type.Object({ name }),
        response: { 200: keyAnswer },
        detail: { tags, summary: 'Call an API key something else' },
      },
      handler: ({ body, params, request }: Asked<{ name: string }>) => {
        const caller = callerOf(request)
        return apiKeys.rename(caller.id, idOf(params), body, caller)
      },
    },
    {
      method: 'POST',
      path: '/users/me/api-keys/:id/rotate',
      options: {
        ...own,
        params: idParams,
        body: rotation,
        response: { 201: madeAnswer },
        detail: { tags, summary: 'Replace an API key by a new one; the old one is good for a while' },
      },
      handler: async ({ body, params, request, set }: Asked<{ overlap?: Duration }>) => {
        const caller = callerOf(request)
        const made = await apiKeys.rotate(caller.id, idOf(params), body, caller)
        scopeOf(request).header('cache-control', 'no-store')
        set.status = 201
        return made
      },
    },
    {
      method: 'DELETE',
      path: '/users/me/api-keys/:id',
      options: {
        ...own,
        params: idParams,
        response: { 204: nothing },
        detail: { tags, summary: 'End an API key at once' },
      },
      handler: async ({ params, request }: Asked) => {
        const caller = callerOf(request)
        await apiKeys.revoke(caller.id, idOf(params), caller)
        // Deno refuses the empty text that Elysia would put into a 204.
        return new Response(null, { status: 204 })
      },
    },
    {
      method: 'GET',
      path: '/users/:id/api-keys',
      options: {
        ...manage,
        params: idParams,
        query: pageQuery,
        response: { 200: pageOf(keyAnswer) },
        detail: { tags, summary: 'List the API keys of a user' },
      },
      handler: async ({ params, request }: Asked) =>
        withLinks(request, await apiKeys.list(idOf(params), pageRequest(request.url))),
    },
    {
      method: 'DELETE',
      path: '/users/:id/api-keys/:keyId',
      options: {
        ...manage,
        params: keyParams,
        response: { 204: nothing },
        detail: { tags, summary: 'End an API key of a user at once' },
      },
      handler: async ({ params, request }: { request: Request; params: { id: string; keyId: string } }) => {
        await apiKeys.revoke(idOf(params), params.keyId.toLowerCase(), callerOf(request))
        return new Response(null, { status: 204 })
      },
    },
  ]
}
