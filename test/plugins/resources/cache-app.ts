import type { AnyElysia } from 'elysia'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { type CacheOptions, cache } from '../../../plugins/cache/index.ts'
import { database } from '../../../plugins/database/index.ts'
import { definePermissions, permissions } from '../../../plugins/permissions/index.ts'
import { shaping } from '../../../plugins/shaping/index.ts'
import { tenants } from '../../../plugins/tenants/index.ts'
import { type Ask, asking } from './app.ts'

const all = ['read', 'create', 'update', 'delete', 'restore', 'purge', 'archive', 'cost'] as const
const declared = definePermissions({
  items: all,
  posts: [...all, 'read:own', 'create:own', 'update:own', 'delete:own'],
  shops: all,
  boxes: all,
  things: all,
})

/** Who may do what: a test may change it meanwhile. */
export type People = Record<string, Principal>
export const person = (id: string, ...granted: string[]): Principal => ({
  id,
  via: 'bearer',
  user: { id },
  permissions: new Set(granted),
})

const who = (people: People): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'who',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }) => people[request.headers.get('authorization') ?? ''] ?? null,
      },
    }),
  })

export interface CachedApp {
  readonly app: AnyElysia
  readonly ask: Ask
  /** Statements that read since it was asked last. */
  reads(): number
}

/** An app whose answers say in Cache-Status where they come from. */
export function cachedApp(
  db: Database,
  resources: readonly object[],
  options: CacheOptions & {
    readonly people?: People
    readonly tenant?: boolean
    readonly trustedProxies?: readonly string[]
  } = {},
): CachedApp {
  const { people = { alice: person('alice', '*') }, tenant = false, trustedProxies, ...rest } = options
  const app: AnyElysia = new Elysia()
    .use(core({ database: db, ...(trustedProxies && { trustedProxies }) }))
    .use(database(db, { closeOnStop: false }))
    .use(permissions({ declared }))
    .use(who(people))
    .use(shaping())
  if (tenant) app.use(tenants({ by: 'header' }))
  app.use(cache({ database: db, debug: true, ttl: '5m', ...rest }))
  for (const one of resources) app.use(one as AnyElysia)
  let count = 0
  db.observe!(({ text }) => {
    if (/^\s*select/i.test(text)) count++
  })
  return {
    app,
    ask: asking(app),
    reads: () => {
      const now = count
      count = 0
      return now
    },
  }
}

/** Where an answer came from: `hit`, or `fwd=miss` and so on. */
export const came = (answer: { readonly headers: Headers }): string =>
  answer.headers.get('cache-status')?.replace('kwik; ', '') ?? ''
