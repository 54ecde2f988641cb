import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { describe, expect } from '#test'
import { type AnyShape, many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { authors, comments, fillBlog, posts, tables } from './blog.ts'
import { callers, keys } from './fixture.ts'

const authorList = shape(authors, {
  filter: { name: true, age: true },
  sort: { keys: ['name', 'age'] },
  fields: { default: ['name', 'age'], hidden: ['secret'], permissions: { age: 'authors:age' } },
})
/** Comments are there for who may read them, and each caller sees those of one tenant. */
const commentList = shape(comments, {
  filter: { score: true, text: true },
  sort: { keys: ['id', 'score'] },
  fields: { default: ['id'], permissions: { score: 'comments:score' } },
  scope: ({ user }) => ({ tenant: user?.id ?? '' }),
})
const postList = shape(posts, {
  filter: { id: true },
  sort: { keys: ['id', 'author.age', 'author.name'], default: 'author.age' },
  fields: { default: ['id'] },
  relations: {
    author: one(authorList, 'authorId'),
    comments: many(commentList, 'postId', { permission: 'comments:read' }),
  },
  count: { exact: 'posts:count', capped: true },
})

interface Told {
  readonly status: number
  readonly data: Record<string, unknown>[]
  readonly page: { readonly count?: { readonly value: number } }
  readonly errors: { readonly code: string; readonly allowed?: string[] }[]
}
function asking(db: Database, list: AnyShape = postList): (query: string, who: string) => Promise<Told> {
  const app: AnyElysia = new Elysia()
    .use(core({ database: db, signals: false }))
    .use(callers())
    .use(shaping({ keys }))
    .get('/posts', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
  return async (query, authorization) => {
    const request = new Request(`http://localhost/posts?${encodeURI(query)}`, { headers: { authorization } })
    const response = await app.handle(request)
    return { ...((await response.json()) as Told), status: response.status }
  }
}
const ids = ({ data }: Told): unknown[] => data?.map((row) => row['id'])

/** What needs which permission: a query, and the rows it gives to who has it. */
const guarded: Readonly<Record<string, readonly [permission: string, ids: readonly number[]]>> = {
  'author.age[gt]=40&sort=id': ['authors:age', []],
  'author.age=30&sort=id': ['authors:age', [1, 4]],
  'where=author.age eq 30&sort=id': ['authors:age', [1, 4]],
  'where=author(name eq Bob or age eq 30)&sort=id': ['authors:age', [1, 2, 4]],
  'sort=author.age,id': ['authors:age', [1, 4, 2, 3]],
  'fields=id,author.age&sort=id': ['authors:age', [1, 2, 3, 4]],
  'expand=author&expand.author.age=30&sort=id': ['authors:age', [1, 2, 3, 4]],
  'expand=author&expand.author.fields=age&sort=id': ['authors:age', [1, 2, 3, 4]],
  'comments.any.text=first&sort=id': ['comments:read', [1]],
  'where=comments.any(text eq first)&sort=id': ['comments:read', [1]],
  'expand=comments&sort=id': ['comments:read', [1, 2, 3, 4]],
  'fields=id,comments.text&sort=id': ['comments:read', [1, 2, 3, 4]],
  'comments.none.score[gt]=8&sort=id': ['comments:read comments:score', [2, 3, 4]],
  'expand=comments&expand.comments.sort=-score&sort=id': ['comments:read comments:score', [1, 2, 3, 4]],
  'expand=comments&expand.comments.where=score gt 5&sort=id': ['comments:read comments:score', [1, 2, 3, 4]],
  'count=exact&sort=id': ['posts:count', [1, 2, 3, 4]],
}

describe('what needs a permission over a relation', () => {
  both('is unknown without it, in filters, where, sort, fields, expand and counts', tables, async (db) => {
    await fillBlog(db)
    const ask = asking(db)
    for (const [query, [permission, found]] of Object.entries(guarded)) {
      const all = permission.split(' ')
      const told = await ask(query, `home ${permission}`)
      expect([query, told.status, ids(told)]).toEqual([query, 200, [...found]])
      for (const missing of all) {
        const held = all.filter((one) => one !== missing)
        expect([query, held, (await ask(query, ['home', ...held].join(' '))).status]).toEqual([query, held, 400])
      }
    }
  })

  both('is neither shown nor ordered by, where nobody asked for it', tables, async (db) => {
    await fillBlog(db)
    const ask = asking(db)
    const shown = (told: Told): unknown => told.data.find((row) => row['id'] === 1)!['author']
    const [with_, without] = [await ask('expand=author', 'home authors:age'), await ask('expand=author', 'home')]
    expect([shown(with_), shown(without)]).toEqual([{ name: 'ann lee', age: 30 }, { name: 'ann lee' }])
    // Bob has no age and post 3 no author: by age they come last. The order of who may not know it is another.
    await db.execute('update authors set age = 90 where id = 1')
    await db.execute('update authors set age = 10 where id = 2')
    expect([ids(await ask('', 'home authors:age')), ids(await ask('', 'home'))]).toEqual([
      [2, 1, 4, 3],
      [1, 2, 3, 4],
    ])
  })

  both('is told of nobody by a mistake', tables, async (db) => {
    const told = JSON.stringify([
      await asking(db)(
        'comment.any.text=x&author.ag=1&sort=author.ag&fields=author.ag&expand=comment&count=exakt',
        'home',
      ),
      await asking(db)('expand=author&expand.author.ag=1&expand.author.fields=ag&where=author.ag eq 1', 'home'),
    ])
    expect(told).toContain('unknown-parameter')
    expect(told).not.toMatch(/comments|\bage\b|"exact"/)
  })
})

describe('the scope of a relation', () => {
  both('holds for its filters, rows and the counts of what it fits', tables, async (db) => {
    await fillBlog(db)
    const ask = asking(db)
    const may = 'comments:read comments:score posts:count'
    const of = async (tenant: string) => {
      const { data, page } = await ask(
        'comments.any.score[gt]=5&expand=comments&count=exact&sort=id',
        `${tenant} ${may}`,
      )
      const shown = data.map((row) => [
        row['id'],
        (row['comments'] as { data: { id: number }[] }).data.map((one) => one.id),
      ])
      return [page.count!.value, shown]
    }
    expect(await of('home')).toEqual([1, [[1, [1, 2, 3]]]])
    expect(await of('away')).toEqual([1, [[2, [4]]]])
    expect(await of('else')).toEqual([0, []])
  })

  both('holds for an order by it: a row out of scope has no place in it', tables, async (db) => {
    await fillBlog(db)
    const known = shape(authors, { sort: { keys: ['name'] }, scope: ({ user }) => ({ name: user?.id ?? '' }) })
    const list = shape(posts, { sort: { keys: ['author.name'] }, relations: { author: one(known, 'authorId') } })
    expect(ids(await asking(db, list)('sort=author.name&limit=10', 'Bob'))).toEqual([2, 1, 3, 4])
    expect(ids(await asking(db, list)('sort=author.name&limit=10', 'nobody'))).toEqual([1, 2, 3, 4])
  })
})
