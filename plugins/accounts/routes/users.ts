import { scopeOf } from '#core/scope'
import { idParams, pageOf, pageQuery, rolesBody, userAnswer, userBody, userChanges } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { NewUser, UserChanges } from '../types.ts'
import { pageRequest, withLinks } from './page.ts'
import { type AccountRoute, callerOf, idOf, locationOf } from './route.ts'

type Asked<Body = undefined> = { request: Request; params: { id: string }; body: Body }

const tags = ['users']
const read = { permission: 'users:read' }
const change = { permission: 'users:update', inPerson: 'or-api-key', params: idParams, response: { 200: userAnswer } }

/** Users: who may do what with them is checked by the permission, and again by what the changed user holds. */
export function userRoutes(service: Accounts): readonly AccountRoute[] {
  return [
    {
      method: 'GET',
      path: '/users',
      options: {
        ...read,
        query: pageQuery,
        response: { 200: pageOf(userAnswer) },
        detail: { tags, summary: 'List users, in the order in which they were made' },
      },
      handler: async ({ request }: { request: Request }) =>
        withLinks(request, await service.listUsers(pageRequest(request.url))),
    },
    {
      method: 'GET',
      path: '/users/:id',
      options: {
        ...read,
        params: idParams,
        response: { 200: userAnswer },
        detail: { tags, summary: 'One user' },
      },
      handler: ({ params }: { params: { id: string } }) => service.findUser(idOf(params)),
    },
    {
      method: 'POST',
      path: '/users',
      options: {
        permission: 'users:create',
        inPerson: 'or-api-key',
        body: userBody,
        response: { 201: userAnswer },
        detail: { tags, summary: 'Make a user, without roles' },
      },
      handler: async ({ body, request, set }: { body: NewUser; request: Request; set: { status?: number } }) => {
        // Picked by name: nothing else of a body can reach the service, whatever the app does about unknown fields.
        const { email, password, name } = body
        const user = await service.createUser(
          { email, password, ...(name !== undefined && { name }) },
          callerOf(request),
        )
        scopeOf(request).header('location', locationOf(request, user.id))
        set.status = 201
        return user
      },
    },
    {
      method: 'PATCH',
      path: '/users/:id',
      options: {
        ...change,
        body: userChanges,
        detail: { tags, summary: 'Change a user; a new password signs them out' },
      },
      handler: ({ body, params, request }: Asked<UserChanges>) =>
        service.updateUser(idOf(params), body, callerOf(request)),
    },
    {
      method: 'POST',
      path: '/users/:id/deactivate',
      options: { ...change, detail: { tags, summary: 'Disable a user: no sign-in, no token' } },
      handler: ({ params, request }: Asked) => service.deactivateUser(idOf(params), callerOf(request)),
    },
    {
      method: 'POST',
      path: '/users/:id/activate',
      options: { ...change, detail: { tags, summary: 'Let a disabled user sign in again' } },
      handler: ({ params, request }: Asked) => service.activateUser(idOf(params), callerOf(request)),
    },
    {
      method: 'PUT',
      path: '/users/:id/roles',
      options: { ...change, body: rolesBody, detail: { tags, summary: 'Give a user exactly these roles, by name' } },
      handler: ({ body, params, request }: Asked<{ roles: readonly string[] }>) =>
        service.setRoles(idOf(params), body.roles, callerOf(request)),
    },
  ]
}
