import { allOf, nameParams, nothing, permissionAnswer, roleAnswer } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import { type AccountRoute, callerOf } from './route.ts'

type Named = { request: Request; params: { name: string } }

const tags = ['permissions']
const read = { permission: 'roles:read' }

/** Permissions, which the app declares in its code, and the roles that grant them. */
export function permissionRoutes(service: Accounts): readonly AccountRoute[] {
  const one = { ...read, params: nameParams }
  return [
    {
      method: 'GET',
      path: '/permissions',
      options: {
        ...read,
        response: { 200: allOf(permissionAnswer) },
        detail: { tags, summary: 'Every permission of the app, with the roles that grant it' },
      },
      handler: async () => ({ data: await service.listPermissions() }),
    },
    {
      method: 'GET',
      path: '/permissions/:name',
      options: { ...one, response: { 200: permissionAnswer }, detail: { tags, summary: 'One permission' } },
      handler: ({ params }: Named) => service.findPermission(params.name),
    },
    {
      method: 'GET',
      path: '/permissions/:name/roles',
      options: { ...one, response: { 200: allOf(roleAnswer) }, detail: { tags, summary: 'Roles that grant it' } },
      handler: async ({ params }: Named) => ({ data: await service.rolesWithPermission(params.name) }),
    },
    {
      method: 'GET',
      path: '/permissions/:name/available-roles',
      options: {
        ...one,
        response: { 200: allOf(roleAnswer) },
        detail: { tags, summary: 'Roles that do not grant it' },
      },
      handler: async ({ params }: Named) => ({ data: await service.rolesWithoutPermission(params.name) }),
    },
    {
      method: 'DELETE',
      path: '/permissions/:name/roles',
      options: {
        permission: 'roles:update',
        inPerson: 'or-api-key',
        params: nameParams,
        response: { 204: nothing },
        detail: {
          tags,
          summary: 'Take it from all roles that have it by this name',
          description: 'Also one that the app no longer declares.',
        },
      },
      handler: async ({ params, request }: Named) => {
        await service.purgePermission(params.name, callerOf(request))
        // Deno refuses the empty text that Elysia would put into a 204.
        return new Response(null, { status: 204 })
      },
    },
  ]
}
