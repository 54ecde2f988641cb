import { SQL } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { expect } from '#test'
import { modelBehind } from '../../../plugins/shaping/declare/models.ts'
import { type AnyShape, many, one, shape } from '../../../plugins/shaping/index.ts'
import { compilerOf } from '../../../plugins/shaping/sql/compilers.ts'
import { both } from '../../services.ts'
import { authors, blogApp, comments, fillBlog, posts, tables } from './blog.ts'
import { appOf, ask, callers, fill, notes } from './fixture.ts'

/** Counts the statements that are made for these lists, from now on. */
function counting({ dialect }: Database, ...lists: readonly object[]): () => number {
  let made = 0
  for (const list of lists) {
    const compiler = compilerOf(dialect, modelBehind(list as AnyShape)!)
    const keep = compiler.keep.bind(compiler)
    compiler.keep = (key, make) =>
      keep(key, () => {
        made++
        return make()
      })
  }
  return () => {
    const all = made
    made = 0
    return all
  }
}

/** The database, whose query builder nobody may touch. */
const withoutBuilder = (db: Database): Database =>
  new Proxy(db, {
    get(target, key) {
      if (key === 'drizzle') throw new Error('a query builder is built')
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

/** How often drizzle makes a text of its SQL meanwhile. */
async function rendering(run: () => Promise<void>): Promise<number> {
  let times = 0
  const { toQuery } = SQL.prototype
  SQL.prototype.toQuery = function (...given) {
    times++
    return toQuery.apply(this, given)
  }
  try {
    await run()
  } finally {
    SQL.prototype.toQuery = toQuery
  }
  return times
}

const rows = Array.from({ length: 30 }, (_, at) => ({ id: at + 1, score: at % 5 === 0 ? null : at }))
const listOfNotes = (): AnyShape =>
  shape(notes, {
    filter: { score: true, title: true, id: true },
    sort: { keys: ['id', 'score', 'title'] },
    fields: { default: ['id'] },
    count: ['exact'],
    scope: ({ user }) => (user === null ? undefined : { title: `note ${user.id}` }),
  })

both(
  'a statement is made once for filters, sort and fields; values, cursors and callers are bound',
  [notes],
  async (db) => {
    await fill(db, rows)
    const list = listOfNotes()
    const app = appOf(withoutBuilder(db), list, undefined, [callers()])
    const made = counting(db, list)
    const texts = await rendering(async () => {
      const get = async (query: string, who?: string) => {
        const answer = await ask(app, query, who === undefined ? {} : { headers: { authorization: who } })
        expect([query, answer.status]).toEqual([query, 200])
        return { ...answer, made: made() }
      }
      const first = await get('?score[gte]=3&id[in]=4,9,14&limit=2')
      expect([first.ids, first.made]).toEqual([[4, 9], 1])
      // Other values, other spellings, and more or fewer of them.
      for (const query of [
        '?score[gte]=4&id[in]=9,14&limit=2',
        '?id[in]=9&score%5Bgte%5D=5&limit=2',
        `?limit=2&score[gte]=0&id[in]=${rows.map(({ id }) => id).join()}`,
      ])
        expect([query, (await get(query)).made]).toEqual([query, 0])
      const second = await get(
        `?score[gte]=3&id[in]=4,9,14,19,24&limit=1&after=${(await get('?score[gte]=3&id[in]=4,9,14,19,24&limit=1')).page.next}`,
      )
      expect([second.ids, second.made]).toEqual([[9], 1])
      expect((await get(`?score[gte]=3&id[in]=4,9,14,19,24&limit=1&after=${second.page.next}`)).made).toBe(0)
      for (const query of [
        '?sort=title&limit=2',
        '?sort=-title&limit=2',
        '?fields=title&limit=2',
        '?limit=3',
        '?title[starts]=note',
      ])
        expect([query, (await get(query)).made, (await get(query)).made]).toEqual([query, 1, 0])
      expect([(await get('?count=exact')).made, (await get('?count=exact')).made]).toEqual([2, 0])
      // Two parts of an order that NULLs divide.
      expect([(await get('?sort=score&limit=50')).made, (await get('?sort=score&limit=50')).made]).toEqual([2, 0])
      expect([(await get('?limit=7', '5')).ids, (await get('?limit=7', '6')).made]).toEqual([[5], 0])
    })
    expect(texts).toBe(0)
  },
)

both('what a relation is filtered, sorted and expanded by is made once, too', tables, async (db) => {
  await fillBlog(db)
  // Shapes of this test alone: others have their statements already.
  const authorList = shape(authors, { sort: { keys: ['name'] } })
  const commentList = shape(comments, { filter: { score: true, status: true }, sort: { keys: ['score'] } })
  const list = shape(posts, {
    sort: { keys: ['author.name'] },
    relations: { author: one(authorList, 'authorId'), comments: many(commentList, 'postId') },
  })
  const app = blogApp(withoutBuilder(db), list)
  const made = counting(db, list, authorList, commentList)
  const get = async (score: number, status: string, more = ''): Promise<number> => {
    const query = `comments.any.score[gt]=${score}&sort=author.name&expand=author,comments&expand.comments.status=${status}${more}`
    const response = await app.handle(new Request(`http://localhost/posts?${query}`))
    expect([response.status, Object.keys(((await response.json()) as { data: object[] }).data[0]!).slice(-2)]).toEqual([
      200,
      ['author', 'comments'],
    ])
    return made()
  }
  const texts = await rendering(async () => {
    // The page, those without an author, and each relation.
    expect(await get(1, 'ok')).toBe(4)
    expect([await get(0, 'spam'), await get(7, 'ok')]).toEqual([0, 0])
    expect([
      await get(1, 'ok', '&expand.comments.sort=-score'),
      await get(0, 'spam', '&expand.comments.sort=-score'),
    ]).toEqual([1, 0])
  })
  expect(texts).toBe(0)
})

both('no more than 500 statements are kept, whatever clients ask for', [notes], async (db) => {
  await fill(db, rows)
  const list = listOfNotes()
  const app = appOf(db, list)
  const made = counting(db, list)
  const { kept } = compilerOf(db.dialect, modelBehind(list)!)
  for (const sort of ['id', '-id', 'title', '-title', 'id,title', '-title,id'])
    for (let limit = 1; limit <= 100; limit++) await ask(app, `?sort=${sort}&limit=${limit}`)
  expect([made(), kept.size]).toEqual([600, 500])
  await ask(app, '?sort=-title,id&limit=100')
  expect(made()).toBe(0)
  await ask(app, '?sort=id&limit=1')
  expect([made(), kept.size]).toEqual([1, 500])
})
