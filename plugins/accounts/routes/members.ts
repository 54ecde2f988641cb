import { Type } from '@sinclair/typebox'
import { allOf, grantParams, idParams, memberParams, pageOf, pageQuery, roleAnswer } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { UserSchemas } from '../user-schemas.ts'
import { pageRequest, withLinks } from './page.ts'
import { type AccountRoute, callerOf, idOf } from './route.ts'

type Of<Params> = { request: Request; params: Params }
type Id = { id: string }
type Member = { id: string; userId: string }
type Grant = { id: string; name: string }

const tags = ['roles']

/** Who has a role, and what it grants, one by one. Taking and giving a role changes users, and asks for that permission. */
export function memberRoutes(service: Accounts, { answer }: UserSchemas): readonly AccountRoute[] {
  const people = {
    permission: { all: ['roles:read', 'users:read'] },
    params: idParams,
    query: pageQuery,
    response: { 200: pageOf(answer) },
  }
  const role = { response: { 200: roleAnswer } }
  const member = { ...role, permission: 'users:update', inPerson: 'or-api-key', params: memberParams }
  const grant = { ...role, permission: 'roles:update', inPerson: 'or-api-key', params: grantParams }
  const names = { permission: 'roles:read', params: idParams, response: { 200: allOf(Type.String()) } }
  const memberOf = ({ id, userId }: Member) => [idOf({ id }), idOf({ id: userId })] as const
  return [
    {
      method: 'GET',
      path: '/roles/:id/users',
      options: { ...people, detail: { tags, summary: 'Who has a role' } },
      handler: async ({ request, params }: Of<Id>) =>
        withLinks(request, await service.usersOfRole(idOf(params), pageRequest(request.url))),
    },
    {
      method: 'GET',
      path: '/roles/:id/available-users',
      options: { ...people, detail: { tags, summary: 'Who does not have a role' } },
      handler: async ({ request, params }: Of<Id>) =>
        withLinks(request, await service.usersWithoutRole(idOf(params), pageRequest(request.url))),
    },
    {
      method: 'POST',
      path: '/roles/:id/users/:userId',
      options: { ...member, detail: { tags, summary: 'Give somebody a role' } },
      handler: ({ request, params }: Of<Member>) => service.addUserToRole(...memberOf(params), callerOf(request)),
    },
    {
      method: 'DELETE',
      path: '/roles/:id/users/:userId',
      options: { ...member, detail: { tags, summary: 'Take a role from somebody' } },
      handler: ({ request, params }: Of<Member>) => service.removeUserFromRole(...memberOf(params), callerOf(request)),
    },
    {
      method: 'DELETE',
      path: '/roles/:id/users',
      options: { ...member, params: idParams, detail: { tags, summary: 'Take a role from everybody' } },
      handler: ({ request, params }: Of<Id>) => service.removeAllUsersFromRole(idOf(params), callerOf(request)),
    },
    {
      method: 'GET',
      path: '/roles/:id/permissions',
      options: { ...names, detail: { tags, summary: 'What a role grants' } },
      handler: async ({ params }: Of<Id>) => ({ data: (await service.findRole(idOf(params))).permissions }),
    },
    {
      method: 'GET',
      path: '/roles/:id/available-permissions',
      options: { ...names, detail: { tags, summary: 'Permissions of the app that a role does not grant' } },
      handler: async ({ params }: Of<Id>) => ({ data: await service.permissionsWithoutRole(idOf(params)) }),
    },
    {
      method: 'POST',
      path: '/roles/:id/permissions/:name',
      options: { ...grant, detail: { tags, summary: 'Let a role grant one more' } },
      handler: ({ request, params }: Of<Grant>) => service.addPermission(idOf(params), params.name, callerOf(request)),
    },
    {
      method: 'DELETE',
      path: '/roles/:id/permissions/:name',
      options: { ...grant, detail: { tags, summary: 'Let a role grant one less; what a pattern grants stays' } },
      handler: ({ request, params }: Of<Grant>) =>
        service.removePermission(idOf(params), params.name, callerOf(request)),
    },
    {
      method: 'DELETE',
      path: '/roles/:id/permissions',
      options: { ...grant, params: idParams, detail: { tags, summary: 'Let a role grant nothing' } },
      handler: ({ request, params }: Of<Id>) => service.setPermissions(idOf(params), [], callerOf(request)),
    },
  ]
}
