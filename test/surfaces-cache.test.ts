import { eq } from 'drizzle-orm'
import { Elysia, t } from 'elysia'
import { type Ctx, controller, kwik, routes } from 'kwik'
import type { HandledCall } from 'kwik/cache'
import { createTables, type Database, defineTable, openDatabase } from 'kwik/database'
import { cache, invalidates, open } from 'kwik/decorators'
import { resource } from 'kwik/resources'
import { describe, expect, test } from '#test'

// What `cache` says through each of its three surfaces, in process and on a socket.

const things = defineTable('things', (t) => ({ id: t.int().primaryKey(), name: t.string(200) }))
const params = t.Object({ id: t.String() })
const body = t.Object({ name: t.String() })

async function makePlatform() {
  const database = openDatabase({ url: 'sqlite::memory:' })
  await createTables(database, [things])
  await database.drizzle.insert(things.for(database)).values({ id: 1, name: 'old' })
  let reads = 0
  database.observe!(({ text }) => {
    if (/^select.* from "things"/i.test(text)) reads++
  })
  return {
    database,
    platform: kwik({ database, cache: { ttl: '5m' }, logging: { write() {} }, signals: false }),
    reads: () => reads,
  }
}
type Made = Awaited<ReturnType<typeof makePlatform>>

const find = async (db: Database, id: string) => {
  const [found] = await db.drizzle
    .select()
    .from(things.for(db))
    .where(eq(things.for(db).id, Number(id)))
  return found
}
const rename = async (db: Database, id: string, name: string) => {
  await db.drizzle
    .update(things.for(db))
    .set({ name })
    .where(eq(things.for(db).id, Number(id)))
  return { name }
}
const tags = (id: string): string[] => [`things:${id}`]

const surfaces = {
  'route option': ({ platform }: Made) =>
    new Elysia()
      .use(platform)
      .get('/things/:id', ({ params: { id }, db }) => find(db, id), {
        params,
        public: true,
        cache: { tags: ({ params: { id } }) => tags(id!) },
      })
      .patch('/things/:id', ({ params: { id }, body: { name }, db }) => rename(db, id, name), {
        params,
        body,
        public: true,
        invalidates: ({ params: { id } }: HandledCall) => tags(id!),
      }),
  decorator: ({ platform }: Made) => {
    const at = routes(() => platform)
    const get = at.get('/:id', { params })
    const patch = at.patch('/:id', { params, body })
    class Things {
      @get @open() @cache({ tags: ({ params: { id } }) => tags(id!) }) one({ params: { id }, db }: Ctx<typeof get>) {
        return find(db, id)
      }
      @patch @open() @invalidates(({ params: { id } }) => tags(id!)) change({
        params: { id },
        body: { name },
        db,
      }: Ctx<typeof patch>) {
        return rename(db, id, name)
      }
    }
    return new Elysia().use(platform).use(controller('/things', platform, new Things()))
  },
  resource: ({ platform }: Made) =>
    new Elysia()
      .use(platform)
      .use(resource('things', { table: things, only: ['get', 'update'], permissions: false, cache: true })),
} as const

for (const [surface, make] of Object.entries(surfaces))
  describe(`by ${surface}`, () => {
    for (const way of ['handle', 'socket'] as const)
      test(`an answer is kept, and ends with the write (${way})`, async () => {
        const made = await makePlatform()
        const app = make(made)
        if (way === 'socket') app.listen({ port: 0, hostname: '127.0.0.1' })
        const base = way === 'socket' ? `http://127.0.0.1:${app.server!.port}` : 'http://localhost'
        const ask = async (method: string, sent?: object) => {
          const headers = { 'content-type': 'application/json' }
          const request = new Request(`${base}/things/1`, {
            method,
            headers,
            ...(sent && { body: JSON.stringify(sent) }),
          })
          const answer = await (way === 'socket' ? fetch(request) : app.handle(request))
          return (await answer.json()) as { name: string }
        }
        try {
          for (let i = 0; i < 3; i++) expect((await ask('GET')).name).toBe('old')
          expect(made.reads()).toBe(1)
          await ask('PATCH', { name: 'new' })
          for (let i = 0; i < 3; i++) expect((await ask('GET')).name).toBe('new')
          expect(made.reads()).toBe(2)
        } finally {
          if (way === 'socket') await app.stop(true)
          await made.database.close()
        }
      })
  })
