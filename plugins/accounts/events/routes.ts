import { type TSchema, Type } from '@sinclair/typebox'
import { refuse } from '#core/errors'
import type { SecurityEventType } from '#core/ports/security-events'
import { type Forms, idForm, pageRequest, withLinks } from '../routes/page.ts'
import { type AccountRoute, callerOf } from '../routes/route.ts'
import { pageOf, pageQuery } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import { eventTypes, type SecurityEventRequest } from './types.ts'

const text: TSchema = Type.Union([Type.String(), Type.Null()])

const eventAnswer: TSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  at: Type.String({ format: 'date-time' }),
  type: Type.String({ enum: [...eventTypes] }),
  userId: text,
  actorId: text,
  sessionId: text,
  apiKeyId: text,
  address: text,
  userAgent: text,
  requestId: text,
  tenant: text,
  details: Type.Record(Type.String(), Type.Unknown()),
})

const filters: Forms = {
  type: {
    form: new RegExp(`^(${eventTypes.map((type) => type.replaceAll('.', '\\.')).join('|')})$`),
    is: 'the type of an event, such as login.failed',
  },
  since: {
    form: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/,
    is: 'a moment, such as 2026-01-31T12:00:00Z',
  },
}
const ofAnybody: Forms = { ...filters, userId: { form: idForm, is: 'the id of a user' } }

const tags = ['security events']
const query: TSchema = Type.Composite([
  Type.Object(pageQuery['properties']),
  Type.Object({
    type: Type.Optional(Type.String({ enum: [...eventTypes] })),
    since: Type.Optional(Type.String({ description: 'the oldest moment that is shown' })),
  }),
])
const response = { 200: pageOf(eventAnswer) }

/** What happened that matters for security, the newest first. */
export function eventRoutes({ securityEvents }: Accounts): readonly AccountRoute[] {
  return [
    {
      method: 'GET',
      path: '/security-events',
      options: {
        permission: 'security-events:read',
        query: Type.Composite([
          Type.Object(query['properties']),
          Type.Object({ userId: Type.Optional(Type.String({ description: 'the id of a user' })) }),
        ]),
        response,
        detail: { tags, summary: 'List what happened that matters for security, the newest first' },
      },
      handler: async ({ request }: { request: Request }) =>
        withLinks(request, await securityEvents.list(requestOf(request.url, ofAnybody))),
    },
    {
      method: 'GET',
      path: '/users/me/security-events',
      options: {
        auth: true,
        inPerson: true,
        query,
        response,
        detail: { tags, summary: 'What happened with the account of the caller, the newest first' },
      },
      handler: async ({ request }: { request: Request }) => {
        const { id: userId } = callerOf(request)
        return withLinks(request, await securityEvents.list({ ...requestOf(request.url, filters), userId }))
      },
    },
  ]
}

function requestOf(url: string, forms: Forms): SecurityEventRequest {
  const page = pageRequest(url, forms)
  const { searchParams } = new URL(url)
  const [userId, type, since] = ['userId', 'type', 'since'].map((name) => searchParams.get(name))
  return {
    ...page,
    ...(userId != null && { userId: userId.toLowerCase() }),
    ...(type != null && { type: type as SecurityEventType }),
    ...(since != null && { since: momentOf(since) }),
  }
}

function momentOf(text: string): Date {
  const moment = new Date(text)
  if (!Number.isNaN(moment.getTime())) return moment
  const detail = `since must be ${filters['since']!.is}`
  throw refuse('KWIK_QUERY_INVALID', { detail, errors: [{ code: 'wrong-format', detail, parameter: 'since' }] })
}
