import { type AnyElysia, Elysia } from 'elysia'
import { type Ctx, controller, kwik, routes } from 'kwik'
import { createTables, type Database, defineTable, openDatabase } from 'kwik/database'
import { resource } from 'kwik/resources'
import { shape } from 'kwik/shaping'
import { describe, expect, test } from '#test'

// A list through its three surfaces, in process and on a socket: the same pages, refusals and exports.

const things = defineTable('things', (t) => ({ id: t.int().primaryKey(), name: t.string(200), secret: t.string(9) }))
const thingList = shape(things, {
  filter: { name: ['starts', 'eq'] },
  sort: { keys: ['name'] },
  fields: { hidden: ['secret'] },
  limit: { default: 2 },
})
const makePlatform = (database: Database) => kwik({ database, logging: { write() {} }, signals: false })
type Platform = ReturnType<typeof makePlatform>

/** The same list and its export, said three ways. */
const surfaces: Readonly<Record<string, (platform: Platform) => AnyElysia>> = {
  'route option': (platform) =>
    new Elysia()
      .use(platform)
      .get('/things', ({ request }) => thingList.from({ request }).page(), { ...thingList.hook, public: true })
      .get('/things/export', ({ request }) => thingList.from({ request }).export(), {
        public: true,
        ...thingList.exportHook(),
      }),
  decorator: (platform) => {
    const api = routes(() => platform)
    const List = api.get('/', { ...thingList.hook, public: true })
    const Export = api.get('/export', { public: true, ...thingList.exportHook() })
    class Things {
      @List all({ list }: Ctx<typeof List>) {
        return list.page()
      }
      @Export file({ list }: Ctx<typeof Export>) {
        return list.export()
      }
    }
    return new Elysia().use(platform).use(controller('/things', platform, new Things()))
  },
  resource: (platform) =>
    new Elysia().use(platform).use(
      resource('things', {
        table: things,
        only: ['list'],
        permissions: false,
        list: thingList,
        export: ['csv', 'ndjson'],
      }),
    ),
}

for (const [surface, make] of Object.entries(surfaces))
  describe(`a list by ${surface}`, () => {
    for (const way of ['handle', 'socket'] as const)
      test(`pages, refuses and exports (${way})`, async () => {
        const database = openDatabase({ url: 'sqlite::memory:' })
        await createTables(database, [things])
        const rows = ['tea', 'ink', 'toy', 'tin'].map((name, id) => ({ id, name, secret: 's' }))
        await database.drizzle.insert(things.for(database)).values(rows)
        const app = make(makePlatform(database))
        if (way === 'socket') app.listen({ port: 0, hostname: '127.0.0.1' })
        const base = way === 'socket' ? `http://127.0.0.1:${app.server!.port}` : 'http://localhost'
        const ask = async (path: string) => {
          const request = new Request(`${base}${path}`)
          return way === 'socket' ? fetch(request) : app.handle(request)
        }
        try {
          const first = await ask('/things?sort=-name')
          const page = await first.json()
          expect(page.data).toEqual([
            { id: 2, name: 'toy' },
            { id: 3, name: 'tin' },
          ])
          expect(first.headers.get('link')).toContain('rel="next"')
          const next = await (await ask(`/things?sort=-name&after=${page.page.next}`)).json()
          expect(next.data.map(({ name }: { name: string }) => name)).toEqual(['tea', 'ink'])
          expect(await (await ask('/things?name=ink')).json()).toMatchObject({ data: [{ id: 1 }] })
          const refused = await ask('/things?secret=s&sort=id')
          expect([refused.status, (await refused.json()).errors.length]).toEqual([400, 2])
          expect(await (await ask('/things/export?sort=name&fields=name')).text()).toBe(
            'name\r\nink\r\ntea\r\ntin\r\ntoy\r\n',
          )
          expect((await ask('/things/export?limit=1')).status).toBe(400)
        } finally {
          if (way === 'socket') await app.stop(true)
          await database.close()
        }
      })
  })
