// Checked by the compiler, never run: a list in the argument of a controller's method.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { type Ctx, controller, kwik, routes } from 'kwik'
import { defineTable, openDatabase } from 'kwik/database'
import { type Page, shape } from 'kwik/shaping'
import { same } from './routes.ts'

const table = defineTable('posts', (t) => ({ id: t.int().primaryKey(), title: t.string(), score: t.int().nullable() }))
const postList = shape(table, {
  filter: { score: ['gte'] },
  sort: { keys: ['score'] },
  fields: { default: ['id', 'title'] },
})
const bareList = shape(table, { envelope: false })
const platform = kwik({ database: openDatabase({ url: 'sqlite::memory:' }) })
const api = routes(() => platform)

const List = api.get('/', { ...postList.hook, public: true })
const Bare = api.get('/bare', { public: true, ...bareList.hook })
const File = api.get('/file', { ...postList.exportHook({ formats: ['csv'] }), public: true })
const Purge = api.post('/purge', { ...postList.filterOnly, public: true })
const Plain = api.get('/plain', { public: true })
type Row = { id: number; title: string; score?: number | null }

class Posts {
  @List all({ list }: Ctx<typeof List>) {
    same<Awaited<ReturnType<typeof list.page>>['data'][number]['score'], number | null | undefined>(true)
    return list.page()
  }
  @Bare bare({ list }: Ctx<typeof Bare>) {
    return list.page()
  }
  @File file({ list }: Ctx<typeof File>) {
    // @ts-expect-error an export has no pages
    list.page()
    return list.export()
  }
  @Purge async purge({ list, status }: Ctx<typeof Purge>) {
    // @ts-expect-error it only chooses rows
    list.page()
    return list.where() === undefined ? status(400, 'all') : 'some'
  }
  // @ts-expect-error no hook, no list
  @Plain plain({ list }: Ctx<typeof Plain>) {
    return list
  }
}
const app = new Elysia().use(platform).use(controller('/posts', platform, new Posts()))
const client = treaty<typeof app>('localhost:1')
const { data } = await client.posts.get({ query: { 'score[gte]': 5, sort: '-score' } })
if (data) {
  const rows: Row[] = data.data
  same<typeof data.page.next, string | undefined>(true)
  const page: Page<Row> = data
  console.log(rows, page)
}
const bare = await client.posts.bare.get()
if (bare.data) same<(typeof bare.data)[number]['score'], number | null>(true)
// @ts-expect-error no such operator
await client.posts.get({ query: { 'score[gt]': 5 } })
// @ts-expect-error not offered
await client.posts.file.get({ query: { format: 'ndjson' } })
