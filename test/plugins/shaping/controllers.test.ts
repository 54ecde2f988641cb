import { Elysia } from 'elysia'
import { core } from '#core/access'
import { controller, routes } from '#core/controller/controller'
import type { Ctx } from '#core/controller/types'
import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import { shaping } from '../../../plugins/shaping/index.ts'
import { withDatabase } from '../../services.ts'
import { fill, keys, noteList, notes } from './fixture.ts'

const platformOf = (db: Database) => new Elysia().use(core({ database: db, signals: false })).use(shaping({ keys }))

test('a method that a list decorates has it in its argument, as every handler of the route has', () =>
  withDatabase('SQLite in memory', [notes], async (db) => {
    await fill(db, [
      { id: 1, score: 1 },
      { id: 2, score: 5 },
    ])
    const platform = platformOf(db)
    const api = routes(() => platform)
    const List = api.get('/', { ...noteList.hook, public: true })
    const Count = api.post('/count', { public: true, ...noteList.filterOnly })
    class Notes {
      @List all({ list }: Ctx<typeof List>) {
        return list.page()
      }
      @Count async count({ list }: Ctx<typeof Count>) {
        const table = notes.for(db)
        return (await db.drizzle.select({ id: table.id }).from(table).where(list.where())).length
      }
    }
    class Same extends Notes {}
    const app = new Elysia()
      .use(platform)
      .use(controller('/notes', platform, new Notes()))
      .use(controller('/same', platform, new Same()))
      .get('/plain', (context) => (context as unknown as Ctx<typeof List>).list.page(), {
        ...noteList.hook,
        public: true,
      })
    for (const path of ['/notes', '/same', '/plain']) {
      const ask = async (query: string) => (await app.handle(new Request(`http://localhost${path}?${query}`))).json()
      expect((await ask('score[gte]=2')).data).toEqual([{ id: 2, title: 'note 2' }])
      expect((await ask('score[gtt]=2')).code).toBe('KWIK_QUERY_INVALID')
    }
    const counted = await app.handle(new Request('http://localhost/notes/count?score=1', { method: 'POST' }))
    expect(await counted.json()).toBe(1)
  }))
