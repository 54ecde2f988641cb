import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { database } from '../../../plugins/database/index.ts'
import { definePermissions, permissions } from '../../../plugins/permissions/index.ts'
import { shaping } from '../../../plugins/shaping/index.ts'
import { tenants } from '../../../plugins/tenants/index.ts'
import { callers } from '../permissions/app.ts'
import type { Answer } from './app.ts'

const actions = ['read', 'create', 'update', 'delete', 'restore', 'purge', 'export', 'history', 'publish'] as const
const both = actions.flatMap((action) => [action, `${action}:own` as const])
export const declared = definePermissions({ posts: [...both, 'moderate'], comments: both })

/** Every permission for what is one's own. */
export const own = 'posts:*:own'

/** Asks as somebody who holds something: `as('bob', 'posts:*:own')('GET', '/posts')`. */
export type As = (
  id: string,
  holds: string,
  headers?: Readonly<Record<string, string>>,
) => (method: string, path: string, body?: unknown) => Promise<Answer>

/** An app whose callers say by headers who they are, and for which tenant they ask. */
export function appWith(db: Database, ...resources: readonly object[]): { app: AnyElysia; as: As } {
  const app: AnyElysia = new Elysia()
    .use(core({ database: db }))
    .use(database(db, { closeOnStop: false }))
    .use(callers)
    .use(tenants({ by: 'header' }))
    .use(permissions({ declared }))
    .use(shaping())
  for (const one of resources) app.use(one as AnyElysia)
  return {
    app,
    as:
      (id, holds, more = {}) =>
      async (method, path, body) => {
        const headers = {
          'x-as': id,
          'x-holds': holds,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...more,
        }
        const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) }
        const response = await app.handle(new Request(`http://localhost${path}`, init))
        const text = await response.text()
        const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== ''
        return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
      },
  }
}
