import { sql } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import { type AnyShape, many, one, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { authorList, authors, blogApp, commentList, comments, fillBlog, postList, posts, tables } from './blog.ts'
import { type Statement, watched } from './fixture.ts'

interface Told {
  readonly status: number
  readonly data: Record<string, unknown>[]
  readonly ids: unknown[]
  readonly page: { next?: string; count?: unknown }
  readonly errors: { parameter: string; code: string; detail: string; suggestion?: string; allowed?: string[] }[]
}

async function ask(
  db: Database,
  query: string,
  list: typeof postList = postList,
  headers: HeadersInit = {},
): Promise<Told> {
  const response = await blogApp(db, list).handle(new Request(`http://localhost/posts?${query}`, { headers }))
  const body = (await response.json()) as Told
  return { ...body, status: response.status, ids: body.data?.map((row) => row['id']) }
}

const filters: Readonly<Record<string, readonly number[]>> = {
  'author.name[contains]=ann': [1, 4],
  'author.name=Bob': [2],
  'author.firm.name=Zenith': [1, 4],
  'comments.any.status=spam': [1, 4],
  'comments.any.status=spam&comments.any.score[gt]=5': [1],
  'comments.any.status=ok&comments.any.score[gt]=8': [],
  'comments.none.status=spam': [2, 3],
  'comments.every.status=spam': [2, 3, 4],
  'comments.any.writer.name=Bob': [1],
  'comments.none.writer.name=Cid': [1, 2, 3],
  'author.id[in]=2,3&title[ne]=x': [2],
  'where=comments.any.status eq ok and comments.any.score gt 8': [1],
  'where=comments.any(status eq spam and score lt 5)': [4],
  'where=author(name eq Bob or name eq "ann lee") and status eq draft': [2, 4],
  'where=not author.name contains "ann lee"': [2, 3],
  'where=comments.any(writer.name eq Bob)': [1],
}

describe('filters over relations', () => {
  for (const [query, ids] of Object.entries(filters))
    both(`?${query}`, tables, async (db) => {
      await fillBlog(db)
      expect(await ask(db, encodeURI(query))).toMatchObject({ status: 200, ids })
    })

  both('many children never show a parent twice', tables, async (db) => {
    await fillBlog(db)
    const row = { text: 'again', score: 9, status: 'spam', tenant: 'home', postId: 1 }
    for (let id = 100; id < 120; id++) await db.drizzle.insert(comments.for(db)).values({ id, ...row } as never)
    expect(await ask(db, 'comments.any.status=spam&count=exact')).toMatchObject({
      ids: [1, 4],
      page: { count: { value: 2, exact: true } },
    })
  })

  both('a row out of scope, or deleted, makes nothing fit', tables, async (db) => {
    await fillBlog(db)
    expect((await ask(db, 'comments.any.text[contains]=foreign')).ids).toEqual([])
    expect((await ask(db, 'comments.any.text[contains]=foreign', postList, { 'x-tenant': 'away' })).ids).toEqual([2])
    const byPost = shape(comments, { sort: { keys: ['id'] }, relations: { post: one(postList, 'postId') } })
    await db.drizzle
      .insert(comments.for(db))
      .values({ id: 9, text: 'late', score: 0, tenant: 'home', postId: 5 } as never)
    const found = await ask(db, 'post.title=Gone', byPost as never)
    expect(found).toMatchObject({ status: 200, ids: [] })
    expect((await ask(db, 'expand=post&sort=-id&limit=1', byPost as never)).data[0]).toMatchObject({
      id: 9,
      post: null,
    })
  })

  both("a scope in drizzle's words holds over a relation, also of a table to itself", tables, async (db) => {
    await fillBlog(db)
    const column = posts.for(db)
    const live = shape(posts, {
      filter: { title: true },
      sort: { keys: ['id'] },
      scope: () => sql`${column.status} = ${'live'}`,
    })
    const twins = shape(posts, {
      filter: { id: true },
      sort: { keys: ['id'] },
      relations: { twins: many(live, 'authorId', { to: 'authorId' }) },
    })
    expect((await ask(db, 'twins.any.title[contains]=Hello', twins as never)).ids).toEqual([1, 4])
    expect((await ask(db, 'twins.any.title[contains]=Tea', twins as never)).ids).toEqual([])
    const shown = await ask(db, 'id=4&expand=twins', twins as never)
    expect(shown.data[0]!['twins']).toMatchObject({ data: [{ id: 1 }], hasMore: false })
  })

  const refused: Readonly<Record<string, string>> = {
    'auther.name=x': 'auther.name unknown-parameter author.name',
    'author.nam=x': 'author.nam unknown-parameter author.name',
    'author.secret[starts]=$2a': 'author.secret[starts] unknown-parameter -',
    'author.nosuch[starts]=$2a': 'author.nosuch[starts] unknown-parameter -',
    'author.age[gt]=3': 'author.age[gt] unknown-parameter -',
    'author.name[contain]=xyz': 'author.name[contain] unknown-operator author.name[contains]',
    'author=1': 'author unknown-parameter -',
    'author.=1': 'author. unknown-parameter -',
    'comments.status=spam': 'comments.status missing-quantifier comments.any.status',
    'comments.any.tenant=x': 'comments.any.tenant unknown-parameter -',
    'comments.any.writer.firm.name=Acme': 'comments.any.writer.firm.name too-far -',
    'comments.any.score=x': 'comments.any.score not-an-integer -',
  }
  for (const [query, told] of Object.entries(refused))
    both(`?${query} is refused: ${told}`, tables, async (db) => {
      const { status, errors } = await ask(db, encodeURI(query))
      expect(status).toBe(400)
      expect(errors.map((one) => `${one.parameter} ${one.code} ${told.endsWith(' -') ? '-' : one.suggestion}`)).toEqual(
        [told],
      )
    })

  both('a hidden field over a relation answers as one that is not there', tables, async (db) => {
    const [hidden, missing] = [await ask(db, 'author.secret[starts]=$2a'), await ask(db, 'author.nosuch[starts]=$2a')]
    expect(JSON.stringify(hidden).replaceAll('secret', 'nosuch')).toBe(JSON.stringify(missing))
  })
})

describe('sorting over relations', () => {
  const orders: Readonly<Record<string, readonly number[]>> = {
    'author.firm.name,-id': [2, 4, 1, 3],
    '-author.firm.name,id': [1, 4, 2, 3],
    '-author.name,-id': [4, 1, 2, 3],
  }
  for (const [sort, ids] of Object.entries(orders))
    both(`sort=${sort} visits every row, those without a row there too, in both directions`, tables, async (db) => {
      await fillBlog(db)
      // The database's own order of letters is not what is tested.
      await db.execute("update authors set name = 'Ann' where id = 1")
      for (const limit of [1, 2, 3]) {
        const seen: unknown[] = []
        for (let at = await ask(db, `sort=${sort}&limit=${limit}`); ; ) {
          seen.push(...at.ids)
          if (at.page.next === undefined) break
          at = await ask(db, `sort=${sort}&limit=${limit}&after=${at.page.next}`)
        }
        expect(seen).toEqual(sort === '-author.name,-id' ? [2, 4, 1, 3] : [...ids])
        const back: unknown[] = []
        for (let at = await ask(db, `sort=${sort}&limit=${limit}&before=end`); ; ) {
          back.unshift(...at.ids)
          const { prev } = at.page as { prev?: string }
          if (prev === undefined) break
          at = await ask(db, `sort=${sort}&limit=${limit}&before=${prev}`)
        }
        expect(back).toEqual(seen)
      }
    })

  both('orderBy() is the same order, for queries of your own', tables, async (db) => {
    await fillBlog(db)
    const { Elysia } = await import('elysia')
    const { core } = await import('#core/access')
    const { shaping } = await import('../../../plugins/shaping/index.ts')
    const table = posts.for(db)
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping())
      .get(
        '/own',
        async ({ request }) => {
          const list = postList.from({ request })
          const rows = await db.drizzle
            .select({ id: table.id })
            .from(table)
            .where(list.where())
            .orderBy(...list.orderBy())
          return rows.map((row) => row.id)
        },
        { ...postList.hook, public: true },
      )
    const answer = await app.handle(new Request('http://localhost/own?sort=-author.firm.name,id&comments.none.score=9'))
    expect(await answer.json()).toEqual([4, 2, 3])
  })
})

describe('expand', () => {
  both('two relations of 50 rows are three queries', tables, async (db) => {
    await fillBlog(db)
    for (let id = 100; id < 150; id++)
      await db.drizzle.insert(posts.for(db)).values({ id, title: `post ${id}`, authorId: 1 + (id % 3) } as never)
    const statements: Statement[] = []
    const { status, data } = await ask(watched(db, statements), 'expand=author,comments&limit=50')
    expect([status, data.length]).toEqual([200, 50])
    expect(statements).toHaveLength(3)
    expect(data[0]).toEqual({
      id: 1,
      title: 'Hello world',
      author: { id: 1, name: 'ann lee', firmId: 2 },
      comments: {
        data: [
          { id: 2, text: 'buy now', score: 9 },
          { id: 3, text: 'nice', score: 7 },
        ],
        hasMore: true,
      },
    })
    expect(data[2]).toMatchObject({ author: null, comments: { data: [], hasMore: false } })
  })

  both('its own filter, sort, limit and fields, and no parent is gone', tables, async (db) => {
    await fillBlog(db)
    const query =
      'expand=comments&expand.comments.status=ok&expand.comments.sort=score&expand.comments.limit=1&expand.comments.fields=id'
    const { data } = await ask(db, query)
    expect(data.map((row) => row['comments'])).toEqual([
      { data: [{ id: 1 }], hasMore: true },
      { data: [], hasMore: false },
      { data: [], hasMore: false },
      { data: [], hasMore: false },
    ])
    const { data: some } = await ask(
      db,
      `expand=comments&expand.comments.where=${encodeURIComponent('score gt 8 or writer.name eq Cid')}`,
    )
    expect(some.map((row) => (row['comments'] as { data: { id: number }[] }).data.map((one) => one.id))).toEqual([
      [2],
      [],
      [],
      [5],
    ])
  })

  both('a relation of a relation, and the rows a caller may see there', tables, async (db) => {
    await fillBlog(db)
    const { data } = await ask(db, 'id=1&expand=comments,comments.writer,author.firm')
    expect(data[0]).toMatchObject({
      author: { firm: { id: 2, name: 'Zenith' } },
      comments: {
        data: [
          { id: 2, writer: null },
          { id: 3, writer: { id: 1, name: 'ann lee' } },
        ],
      },
    })
    const away = await ask(db, 'id=2&expand=comments', postList, { 'x-tenant': 'away' })
    expect(away.data[0]!['comments']).toMatchObject({ data: [{ id: 4 }] })
    expect((await ask(db, 'id=2&expand=comments')).data[0]!['comments']).toMatchObject({ data: [] })
  })

  both('fields over a relation show those alone', tables, async (db) => {
    await fillBlog(db)
    expect((await ask(db, 'fields=author.name&limit=1')).data).toEqual([{ author: { name: 'ann lee' } }])
    expect((await ask(db, 'fields=id,comments.text,comments.writer.name&limit=1')).data).toEqual([
      {
        id: 1,
        comments: {
          data: [
            { text: 'buy now', writer: null },
            { text: 'nice', writer: { name: 'ann lee' } },
          ],
          hasMore: true,
        },
      },
    ])
  })

  both('a page after a cursor shows the same relations', tables, async (db) => {
    await fillBlog(db)
    const first = await ask(db, 'limit=1&expand=author')
    const second = await ask(db, `limit=1&expand=author&after=${first.page.next}`)
    expect(second.data).toMatchObject([{ id: 2, author: { name: 'Bob' } }])
  })

  const refused: Readonly<Record<string, string>> = {
    'expand=auther': 'expand unknown-relation author',
    'expand=author.firms': 'expand unknown-relation firm',
    'expand=comments.writer.firm': 'expand too-far undefined',
    'expand=a.b.a.b': 'expand unknown-relation undefined',
    'expand.comments.limit=2': 'expand.comments.limit not-expanded expand=comments',
    'expand.commens.limit=2': 'expand.commens.limit unknown-parameter comments',
    'expand=comments&expand.comments.limit=0': 'expand.comments.limit out-of-range undefined',
    'expand=comments&expand.comments.stat=ok': 'expand.comments.stat unknown-parameter expand.comments.status',
    'expand=comments&expand.comments.count=exact': 'expand.comments.count unknown-parameter undefined',
    'fields=author.secret': 'expand.author.fields unknown-field undefined',
    'fields=author': 'fields unknown-field expand=author',
    'expand=comments&expand.comments.limit=50&limit=101': '',
  }
  for (const [query, told] of Object.entries(refused))
    both(`?${query}: ${told || 'taken'}`, tables, async (db) => {
      const { status, errors } = await ask(db, query)
      expect(status).toBe(told === '' ? 200 : 400)
      if (told !== '') expect(errors.map((one) => `${one.parameter} ${one.code} ${one.suggestion}`)).toEqual([told])
    })

  both('rows of a page with all that is expanded in it are bounded', tables, async (db) => {
    const wide = shape(posts, {
      relations: { comments: many(commentList, 'postId'), others: many(commentList, 'postId') },
    })
    const query = 'limit=100&expand=comments,others&expand.comments.limit=50&expand.others.limit=1'
    expect((await ask(db, query, wide as never)).errors).toMatchObject([{ parameter: 'expand', code: 'too-many-rows' }])
  })
})

describe('what a caller may not know of does not exist over a relation either', () => {
  const secretive = shape(posts, {
    filter: { id: true },
    relations: {
      author: one(authorList, 'authorId', { permission: 'authors:read' }),
      comments: many(commentList, 'postId', { expand: false }),
      unfiltered: many(commentList, 'postId', { filter: false }),
    },
  })
  const refused = [
    'author.name=x',
    'expand=author',
    'fields=author.name',
    'expand=comments',
    'unfiltered.any.status=ok',
    'where=author.name eq x',
  ]
  for (const query of refused)
    both(`?${query} is refused`, tables, async (db) => {
      expect((await ask(db, encodeURI(query), secretive as never)).status).toBe(400)
    })
})

test('a declaration of relations that cannot be right is refused, naming what would be', () => {
  const wrong: readonly (readonly [object, string])[] = [
    [
      { relations: { author: one(authorList, 'autorId' as never) } },
      '"author" goes by "autorId", which is no field of posts, did you mean "authorId"?',
    ],
    [{ relations: { title: one(authorList, 'authorId') } }, '"title" is the name of a field'],
    [
      { relations: { firm: one(commentList as never) } },
      '"firm" must say by which field: posts has no t.ref(\'comments\')',
    ],
    [{ relations: { author: one({} as never, 'authorId') } }, '"author" takes what shape() made'],
    [
      { relations: { all: many(commentList, 'postId', { limit: { default: 9, max: 3 } }) } },
      '"all" limit: 9 of at most 3',
    ],
    [
      { relations: { author: one(authorList) }, sort: { keys: ['author.secret'] } },
      'shape(authors) does not sort by secret, only by name, age, firm.name',
    ],
    [
      { relations: { author: one(authorList) }, sort: { keys: ['auther.name'] } },
      '"auther.name" leads over no relation, did you mean "author"?',
    ],
    [{ relations: { all: many(commentList) }, sort: { keys: ['all.score'] } }, 'rows cannot be sorted by many rows'],
  ]
  for (const [declaration, message] of wrong) expect(() => shape(posts, declaration as never)).toThrow(message)
})

test('a relation without a field goes by the only reference there is', () => {
  const list = shape(posts, { relations: { author: one(authorList), comments: many(commentList) } })
  expect(Object.keys(list.hook.query['properties'] as object)).toContain('author.name[contains]')
  expect(() => shape(authors, { relations: { posts: many(shape(comments, {})) } })).not.toThrow()
})

test('shapes may lead to each other, and to some that come later', () => {
  const people: AnyShape = shape(authors, {
    filter: { name: true },
    relations: { posts: many(() => written, 'authorId') },
  })
  const written: AnyShape = shape(posts, {
    filter: { title: true },
    relations: { author: one(() => people, 'authorId') },
  })
  expect(Object.keys(people.hook.query['properties'] as object)).toContain('posts.any.author.name')
  const round = (query: string) => () => people.from({ request: new Request(`http://localhost/?${query}`) })
  for (const query of [
    'expand=posts.author.posts',
    'expand=posts.author.posts.author',
    'posts.any.author.posts.any.title=x',
  ])
    expect(round(query)).toThrow(expect.objectContaining({ status: 400 }))
  expect(Object.keys(written.hook.query['properties'] as object)).toContain('author.posts.none.title[starts]')
})
