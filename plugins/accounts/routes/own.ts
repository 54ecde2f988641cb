import { Type } from '@sinclair/typebox'
import { scopeOf } from '#core/scope'
import {
  accepted,
  acceptedAnswer,
  allOf,
  nothing,
  ownEmailBody,
  ownPasswordBody,
  roleAnswer,
  tokenBody,
} from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { OwnChanges } from '../types.ts'
import type { UserSchemas } from '../user-schemas.ts'
import { wiring } from '../wiring.ts'
import { type AccountRoute, callerOf } from './route.ts'

type Asked<Body = undefined> = { request: Request; body: Body; set: { status?: number } }

const tags = ['me']

/** What people do with their own account: signed in is all it takes. */
export function ownRoutes(service: Accounts, schemas: UserSchemas, rateLimit: object): readonly AccountRoute[] {
  const me = { auth: true, response: { 200: schemas.answer } }
  const routes: AccountRoute[] = [
    {
      method: 'GET',
      path: '/users/me',
      options: { ...me, detail: { tags, summary: 'My account' } },
      handler: ({ request }: { request: Request }) => service.findUser(callerOf(request).id),
    },
    {
      method: 'PATCH',
      path: '/users/me',
      options: {
        ...me,
        inPerson: true,
        body: schemas.ownChanges,
        detail: { tags, summary: 'Change my name, and what else is mine' },
      },
      handler: ({ body, request }: Asked<OwnChanges>) => service.updateOwn(callerOf(request), body),
    },
    {
      method: 'PUT',
      path: '/users/me/password',
      options: {
        auth: true,
        inPerson: true,
        body: ownPasswordBody,
        response: { 204: nothing },
        detail: { tags, summary: 'Change my password; my other sessions end' },
      },
      handler: async ({ body, request }: Asked<{ current: string; password: string }>) => {
        await service.changeOwnPassword(callerOf(request), body, scopeOf(request))
        // Deno refuses the empty text that Elysia would put into a 204.
        return new Response(null, { status: 204 })
      },
    },
    {
      method: 'GET',
      path: '/users/me/permissions',
      options: {
        auth: true,
        response: { 200: allOf(Type.String()) },
        detail: { tags, summary: 'What I may do, by what I sent to prove who I am' },
      },
      handler: ({ request }: { request: Request }) => ({ data: [...callerOf(request).permissions].sort() }),
    },
    {
      method: 'GET',
      path: '/users/me/roles',
      options: { auth: true, response: { 200: allOf(roleAnswer) }, detail: { tags, summary: 'My roles' } },
      handler: async ({ request }: { request: Request }) => ({ data: await service.rolesOf(callerOf(request).id) }),
    },
  ]
  if (!service[wiring].changesEmail) return routes
  return [
    ...routes,
    {
      method: 'POST',
      path: '/users/me/email',
      options: {
        auth: true,
        inPerson: true,
        ...rateLimit,
        body: ownEmailBody,
        response: { 202: acceptedAnswer },
        detail: { tags, summary: 'Ask for another address: it changes when its owner follows a link' },
      },
      handler: async ({ body, request, set }: Asked<{ email: string; password: string }>) => {
        await service.changeOwnEmail(callerOf(request), body, scopeOf(request))
        set.status = 202
        return accepted
      },
    },
    {
      method: 'POST',
      path: '/auth/confirm-email',
      options: {
        public: true,
        ...rateLimit,
        body: tokenBody,
        response: { 204: nothing },
        detail: { tags: ['auth'], summary: 'Confirm a new address by the token that was mailed' },
      },
      handler: async ({ body, request }: Asked<{ token: string }>) => {
        await service.confirmEmail(body.token, scopeOf(request))
        return new Response(null, { status: 204 })
      },
    },
  ]
}
