import { scopeOf } from '#core/scope'
import { idParams, nothing, pageOf, pageQuery, permissionsBody, roleAnswer, roleBody, roleChanges } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { NewRole, RoleChanges } from '../types.ts'
import { pageRequest, withLinks } from './page.ts'
import { type AccountRoute, callerOf, idOf, locationOf } from './route.ts'

type Asked<Body = undefined> = { request: Request; params: { id: string }; body: Body }

const tags = ['roles']
const read = { permission: 'roles:read' }
const change = { permission: 'roles:update', inPerson: 'or-api-key', params: idParams, response: { 200: roleAnswer } }

/** Roles, and what they grant. */
export function roleRoutes(service: Accounts): readonly AccountRoute[] {
  return [
    {
      method: 'GET',
      path: '/roles',
      options: {
        ...read,
        query: pageQuery,
        response: { 200: pageOf(roleAnswer) },
        detail: { tags, summary: 'List roles, in the order in which they were made' },
      },
      handler: async ({ request }: { request: Request }) =>
        withLinks(request, await service.listRoles(pageRequest(request.url))),
    },
    {
      method: 'GET',
      path: '/roles/:id',
      options: {
        ...read,
        params: idParams,
        response: { 200: roleAnswer },
        detail: { tags, summary: 'One role' },
      },
      handler: ({ params }: { params: { id: string } }) => service.findRole(idOf(params)),
    },
    {
      method: 'POST',
      path: '/roles',
      options: {
        permission: 'roles:create',
        inPerson: 'or-api-key',
        body: roleBody,
        response: { 201: roleAnswer },
        detail: { tags, summary: 'Make a role that grants nothing yet' },
      },
      handler: async ({ body, request, set }: { body: NewRole; request: Request; set: { status?: number } }) => {
        const { name, description = null } = body
        const role = await service.createRole({ name, description }, callerOf(request))
        scopeOf(request).header('location', locationOf(request, role.id))
        set.status = 201
        return role
      },
    },
    {
      method: 'PATCH',
      path: '/roles/:id',
      options: {
        ...change,
        body: roleChanges,
        detail: { tags, summary: 'Change a role; an inactive one grants nothing' },
      },
      handler: ({ body, params, request }: Asked<RoleChanges>) =>
        service.updateRole(idOf(params), body, callerOf(request)),
    },
    {
      method: 'PUT',
      path: '/roles/:id/permissions',
      options: { ...change, body: permissionsBody, detail: { tags, summary: 'Make a role grant exactly these' } },
      handler: ({ body, params, request }: Asked<{ permissions: readonly string[] }>) =>
        service.setPermissions(idOf(params), body.permissions, callerOf(request)),
    },
    {
      method: 'DELETE',
      path: '/roles/:id',
      options: {
        permission: 'roles:delete',
        inPerson: 'or-api-key',
        params: idParams,
        response: { 204: nothing },
        detail: { tags, summary: 'Delete a role that nobody has' },
      },
      handler: async ({ params, request }: Asked) => {
        await service.deleteRole(idOf(params), callerOf(request))
        // Deno refuses the empty text that Elysia would put into a 204.
        return new Response(null, { status: 204 })
      },
    },
  ]
}
