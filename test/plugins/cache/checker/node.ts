/**
 * One of the processes that the checker drives: an app over a database and a Redis that it shares with the others.
 * `node.ts <database> <redis> <prefix>`; it prints its port.
 */
import process from 'node:process'
import { Elysia, t } from 'elysia'
import { kwik, servicesOf } from 'kwik'
import type { CachedCall, HandledCall } from 'kwik/cache'
import { openDatabase } from 'kwik/database'
import { openRedis } from '#core/adapters/redis'

const [url = '', redisUrl = '', prefix = ''] = process.argv.slice(2)
const database = openDatabase({ url })
const users: readonly string[] = ['ada', 'bob']
const nothing: ReadonlySet<string> = new Set()
/** How often the cache has lost its Redis, and whether it is without it now. */
const trouble = { losses: 0, away: false }

const platform = kwik({
  database,
  redis: openRedis({ url: redisUrl, prefix }),
  cache: {},
  tokens: {
    secret: 'fJ4c1Vq0Zr8mT2xW7bKd9LpE3sNyHa6G5uQoIwRk',
    principals: {
      load: async (id: string) =>
        users.includes(id) ? { user: { id }, permissions: nothing, tokenVersion: 0 } : undefined,
    },
  },
  logging: {
    write(line: string) {
      if (line.includes('has lost its Redis')) trouble.losses++
      if (/The cache has (?:lost )?its Redis/.test(line)) trouble.away = line.includes('has lost')
    },
  },
  signals: false,
})

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
const place = database.dialect === 'sqlite' ? ['?', '?'] : ['$1', '$2']

async function stored(id: number): Promise<number> {
  const [row] = await database.values(`select value from things where id = ${place[0]}`, [id])
  // Long enough for a write to fall between reading and storing.
  await pause(Math.random() * 4)
  return Number(row![0])
}

/** Never takes a value back: an answer that was given up may be committed late. */
async function raise(id: number, value: number): Promise<void> {
  const text = `update things set value = ${place[0]} where id = ${place[1]} and value < ${place[0]}`
  const given = database.dialect === 'sqlite' ? [value, id, value] : [value, id]
  await database.execute(text, given)
}

const one = { params: t.Object({ id: t.Integer() }) }
const change = { ...one, body: t.Object({ value: t.Integer(), spoil: t.Boolean() }), public: true } as const

const app = new Elysia()
  .use(platform)
  .get('/token/:user', async ({ params }) => servicesOf(platform).tokens!.issue({ id: params.user, tokenVersion: 0 }), {
    public: true,
  })
  .get('/things/:id', async ({ params: { id } }) => ({ value: await stored(id) }), {
    ...one,
    public: true,
    cache: { ttl: 60, tags: ({ params }: CachedCall) => [`things:${params['id']}`] },
  })
  .get('/mine/:id', async ({ params: { id }, user }) => ({ user: user.id, value: await stored(id) }), {
    ...one,
    auth: true,
    cache: { ttl: 60, varyOnUser: true, tags: ({ params }: CachedCall) => [`things:${params['id']}`] },
  })
  .get(
    '/values/:id',
    async ({ params: { id }, cache }) => ({
      value: await cache.getOrSet(`value ${id}`, () => stored(id), { ttl: 60, tags: [`things:${id}`] }),
    }),
    { ...one, public: true },
  )
  .put(
    '/things/:id',
    async ({ params: { id }, body: { value, spoil }, status, set }) => {
      set.headers['x-losses'] = String(trouble.losses)
      if (spoil) await database.execute(`update things set value = -${value} where id = ${id}`)
      else await raise(id, value)
      await pause(Math.random() * 3)
      return spoil ? status(409, { value }) : { value }
    },
    { ...change, transaction: true, invalidates: ({ params }: HandledCall) => [`things:${params['id']}`] },
  )
  .patch(
    '/things/:id',
    async ({ params: { id }, body: { value }, cache }) => {
      await raise(id, value)
      return { value, ended: await cache.invalidate(`things:${id}`) }
    },
    change,
  )
  .get('/trouble', () => trouble, { public: true })
  .listen({ port: 0, hostname: '127.0.0.1' })
console.log(app.server!.port)
