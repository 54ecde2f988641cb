import type { AnyElysia } from 'elysia'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { type DefinedTable, database, defineTable } from '../../../plugins/database/index.ts'
import { openapi } from '../../../plugins/openapi/index.ts'
import { definePermissions, permissions } from '../../../plugins/permissions/index.ts'
import { shaping } from '../../../plugins/shaping/index.ts'

/** A field of every type, unique ones, a reference, server-owned ones. */
export const shops = defineTable('shops', (t) => ({ id: t.id(), name: t.string(80).unique() }))
export const products = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(40),
  sku: t.string(40).unique(),
  price: t.decimal(10, 2).nullable(),
  stock: t.int().default(0),
  views: t.bigint().nullable(),
  weight: t.float().nullable(),
  live: t.bool().default(false),
  status: t.enum('draft', 'live').default('draft'),
  soldOn: t.date().nullable(),
  soldAt: t.datetime().nullable(),
  mail: t.email().nullable(),
  link: t.url().nullable(),
  extra: t.json<{ color: string }>().nullable(),
  tags: t.list('string').nullable(),
  secret: t.string(40).hidden().nullable(),
  rank: t.int().readonly().default(7),
  shopId: t.ref(() => shops, { onDelete: 'restrict' }).nullable(),
  ...t.version(),
  ...t.audit(),
}))
/** What the tests of writes need: a version, unique values, alone and together, and rows that stay when they are deleted. */
export const items = defineTable(
  'items',
  (t) => ({
    id: t.id(),
    sku: t.string(40).unique(),
    name: t.string(40),
    price: t.decimal(8, 2).nullable(),
    stock: t.int().default(0),
    owner: t.string(40).default('alice'),
    mail: t.email().unique().nullable(),
    shop: t.int().default(1),
    place: t.int().nullable(),
    extra: t.json<Record<string, unknown>>().nullable(),
    ...t.version(),
    ...t.softDelete(),
  }),
  (t) => [t.unique('shop', 'place')],
)
export const tables: readonly DefinedTable<string, never>[] = [shops, products] as never

const actions = ['read', 'create', 'update', 'delete', 'restore', 'purge', 'archive', 'count'] as const
export const declared = definePermissions({
  products: [...actions, 'cost', 'margin', 'export', 'history'],
  shops: actions,
  notes: [...actions, 'history', 'grow', 'fill', 'look', 'fail'],
  items: [...actions, 'extra', 'stock'],
  things: actions,
})

const user = (id: string, ...granted: string[]): Principal => ({
  id,
  via: 'bearer',
  user: { id },
  permissions: new Set(granted),
})
const people: Record<string, Principal> = {
  alice: user('alice', '*'),
  bob: user('bob', '*'),
  reader: user('reader', 'products:read'),
  writer: user('writer', 'products:read', 'products:update'),
  seller: user('seller', 'items:read', 'items:create', 'items:update', 'items:delete'),
  auditor: user('auditor', 'products:history'),
  // Alice with a credential that may do less.
  lesser: user('alice', 'products:create'),
  masked: { ...user('masked', '*'), actor: { id: 'admin' } },
  nobody: user('nobody'),
}

type Who = KwikPlugin<{}>
/** Callers by name: `authorization: alice`. */
export const who = (): Who =>
  definePlugin<Who, {}>({
    name: 'who',
    options: {},
    keys: [],
    setup: () => ({
      open: (scope) => {
        scope.id = scope.request.headers.get('x-request-id') ?? undefined
      },
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }) => people[request.headers.get('authorization') ?? ''] ?? null,
      },
    }),
  })

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a test knows of the answer, it says
  readonly body: any
}
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  who?: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

/** An app with these resources, and how to ask it something. */
export function appOf(db: Database, resources: readonly object[], clock?: Clock): { app: AnyElysia; ask: Ask } {
  const app: AnyElysia = new Elysia()
    .use(core({ database: db, ...(clock && { clock }) }))
    .use(database(db, { closeOnStop: false }))
    .use(permissions({ declared }))
    .use(who())
    .use(shaping())
    .use(openapi({ title: 'Shop' }))
  for (const resource of resources) app.use(resource as AnyElysia)
  return { app, ask: asking(app) }
}

export function asking(app: AnyElysia): Ask {
  return async (method, path, body, as = 'alice', headers = {}) => {
    const response = await app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          ...(as !== '' && { authorization: as }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}
