import { type TSchema, Type } from '@sinclair/typebox'
import { scopeOf } from '#core/scope'
import { onlyIn } from '../errors.ts'
import type { UserRequest } from '../page.ts'
import { allOf, idParams, nothing, pageOf, pageQuery, passwordBody, roleAnswer, rolesBody } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { NewUser, UserChanges } from '../types.ts'
import type { UserSchemas } from '../user-schemas.ts'
import { wiring } from '../wiring.ts'
import { type Forms, pageRequest, withLinks } from './page.ts'
import { type AccountRoute, callerOf, idOf, locationOf, mustReachAll, reachOf } from './route.ts'

type Asked<Body = undefined> = { request: Request; params: { id: string }; body: Body }

const tags = ['users']
const read = { permission: 'users:read' }
const query: TSchema = Type.Composite([
  Type.Object(pageQuery['properties']),
  Type.Object({ email: Type.Optional(Type.String({ description: 'the whole address of the one who is looked for' })) }),
])
const filters: Forms = { email: { form: /^\S+@\S+$/, is: 'an e-mail address (write its + as %2B)' } }

/** Users: who may do what with them is checked by the permission, and again by what the changed user holds. */
export function userRoutes(service: Accounts, schemas: UserSchemas): readonly AccountRoute[] {
  const { answer, body: userBody, changes } = schemas
  const change = { permission: 'users:update', inPerson: 'or-api-key', params: idParams, response: { 200: answer } }
  return [
    {
      method: 'GET',
      path: '/users',
      options: {
        ...read,
        query,
        response: { 200: pageOf(answer) },
        detail: { tags, summary: 'List users, in the order in which they were made' },
      },
      handler: async ({ request }: { request: Request }) =>
        withLinks(request, await service.listUsers(usersOf(request.url), reachOf(request, 'users:read'))),
    },
    {
      method: 'GET',
      path: '/users/:id',
      options: {
        ...read,
        params: idParams,
        response: { 200: answer },
        detail: { tags, summary: 'One user' },
      },
      handler: ({ params, request }: Asked) => service.findUser(idOf(params), reachOf(request, 'users:read')),
    },
    {
      method: 'POST',
      path: '/users',
      options: {
        permission: 'users:create',
        inPerson: 'or-api-key',
        body: userBody,
        response: { 201: answer },
        detail: { tags, summary: 'Make a user, without roles' },
      },
      handler: async ({ body, request, set }: { body: NewUser; request: Request; set: { status?: number } }) => {
        // Never by a body: roles have a route of their own, whatever the app does about unknown fields.
        const user = await service.createUser({ ...body, roles: [] }, callerOf(request))
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
        body: changes,
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
      options: {
        ...change,
        permission: { any: ['users:update', 'users:assign'] },
        body: rolesBody,
        detail: { tags, summary: 'Give a user exactly these roles, by name, everywhere or in one tenant' },
      },
      handler: async ({ body, params, request }: Asked<{ roles: readonly string[]; tenant?: string }>) => {
        const id = idOf(params)
        const within = reachOf(request, 'users:update', 'users:assign')
        if (within.tenant !== undefined && within.tenant !== body.tenant) throw onlyIn(within.tenant)
        // What a user is called is for who has them in their tenant.
        if (body.roles.length === 0) await service.findUser(id, within)
        const user = await service.setRoles(id, body.roles, callerOf(request), body.tenant)
        const { tenant } = within
        // In a tenant nobody learns what a user has elsewhere.
        return tenant === undefined ? user : { ...user, roles: [], tenants: { [tenant]: user.tenants?.[tenant] ?? [] } }
      },
    },
    {
      method: 'GET',
      path: '/users/:id/roles',
      options: {
        ...read,
        params: idParams,
        response: { 200: allOf(roleAnswer) },
        detail: { tags, summary: 'The roles of a user, inactive ones too' },
      },
      handler: async ({ params, request }: Asked) => {
        mustReachAll(request, 'users:read')
        return { data: await service.rolesOf(idOf(params)) }
      },
    },
    {
      method: 'GET',
      path: '/users/:id/permissions',
      options: {
        ...read,
        params: idParams,
        response: { 200: allOf(Type.String()) },
        detail: { tags, summary: 'What a user may do now' },
      },
      handler: async ({ params, request }: Asked) => {
        mustReachAll(request, 'users:read')
        return { data: await service.permissionsOf(idOf(params)) }
      },
    },
    {
      method: 'PUT',
      path: '/users/:id/password',
      options: {
        ...change,
        body: passwordBody,
        detail: { tags, summary: 'Give a user a password; it signs them out' },
      },
      handler: ({ body, params, request }: Asked<{ password: string }>) =>
        service.updateUser(idOf(params), { password: body.password }, callerOf(request)),
    },
    ...(service[wiring].recovers ? [resetRoute(service)] : []),
  ]
}

const resetRoute = (service: Accounts): AccountRoute => ({
  method: 'POST',
  path: '/users/:id/reset-password',
  options: {
    permission: 'users:update',
    inPerson: 'or-api-key',
    params: idParams,
    response: { 204: nothing },
    detail: { tags, summary: 'Mail a user a link for a new password' },
  },
  handler: async ({ params, request }: Asked) => {
    await service.sendPasswordReset(idOf(params), callerOf(request), scopeOf(request))
    // Deno refuses the empty text that Elysia would put into a 204.
    return new Response(null, { status: 204 })
  },
})

function usersOf(url: string): UserRequest {
  const email = new URL(url).searchParams.get('email')
  return { ...pageRequest(url, filters), ...(email !== null && { email }) }
}
