import { Type as T } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database, TableLike } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { json, many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { keys } from './fixture.ts'

export const firms = defineTable('firms', (t) => ({
  id: t.int().primaryKey(),
  name: t.string(80),
}))
export const authors = defineTable('authors', (t) => ({
  id: t.int().primaryKey(),
  name: t.string(80),
  age: t.int().nullable(),
  secret: t.string(80),
  firmId: t.ref(() => firms, { key: 'int' }).nullable(),
}))
export const posts = defineTable('posts', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(200),
  body: t.text().nullable(),
  status: t.enum('draft', 'live').default('draft'),
  score: t.int().nullable(),
  meta: t.json().nullable(),
  limit: t.int().nullable(),
  authorId: t.ref(() => authors, { key: 'int' }).nullable(),
  ...t.softDelete(),
}))
export const comments = defineTable('comments', (t) => ({
  id: t.int().primaryKey(),
  text: t.string(200),
  status: t.enum('ok', 'spam').default('ok'),
  score: t.int(),
  tenant: t.string(20),
  postId: t.ref(() => posts, { key: 'int' }),
  writerId: t.ref(() => authors, { key: 'int' }).nullable(),
}))
export const tables: readonly TableLike[] = [firms, authors, posts, comments]

export const firmList = shape(firms, { filter: { name: true }, sort: { keys: ['name'] } })
export const authorList = shape(authors, {
  filter: { id: true, name: true, age: true },
  sort: { keys: ['name', 'age', 'firm.name'] },
  fields: { hidden: ['secret'], permissions: { age: 'authors:age' } },
  relations: { firm: one(firmList, 'firmId') },
})
export const commentList = shape(comments, {
  filter: { status: true, score: true, text: ['contains'] },
  sort: { keys: ['score', 'id'], default: '-score' },
  fields: { default: ['id', 'text', 'score'], hidden: ['tenant'] },
  relations: { writer: one(authorList, 'writerId') },
  scope: ({ request }) => ({ tenant: request.headers.get('x-tenant') ?? 'home' }),
})
export const postList = shape(posts, {
  filter: {
    id: true,
    title: true,
    status: true,
    score: true,
    limit: { as: 'most', by: ['gte', 'eq'] },
    meta: json({ age: T.Number(), 'theme.color': T.String(), on: [T.Boolean(), ['eq']] }),
  },
  sort: { keys: ['id', 'title', 'score', 'author.name', 'author.firm.name'], default: 'id' },
  fields: { default: ['id', 'title'] },
  relations: {
    author: one(authorList, 'authorId'),
    comments: many(commentList, 'postId', { limit: { default: 2, max: 50 } }),
  },
  search: { fields: ['title', 'body'], index: 'scan' },
  count: ['capped', 'exact', 'estimated'],
})

export const blog = {
  firms: [
    { id: 1, name: 'Acme' },
    { id: 2, name: 'Zenith' },
  ],
  authors: [
    { id: 1, name: 'ann lee', age: 30, secret: '$2a', firmId: 2 },
    { id: 2, name: 'Bob', age: null, secret: '$2b', firmId: 1 },
    { id: 3, name: 'Cid', age: 50, secret: '$2c', firmId: null },
  ],
  posts: [
    {
      id: 1,
      title: 'Hello world',
      status: 'live',
      score: 5,
      authorId: 1,
      meta: { age: 9, theme: { color: 'red' }, on: true },
    },
    {
      id: 2,
      title: 'École ouverte',
      status: 'draft',
      score: null,
      authorId: 2,
      meta: { age: 10, on: false },
      limit: 7,
    },
    { id: 3, title: 'Nothing here', status: 'live', score: 1, authorId: null, meta: { age: 'nine' } },
    { id: 4, title: 'Tea time', body: 'hello again', status: 'draft', score: 9, authorId: 1, meta: null },
    { id: 5, title: 'Gone', status: 'live', score: 7, authorId: 3, deletedAt: new Date() },
  ],
  comments: [
    { id: 1, text: 'first', status: 'ok', score: 1, tenant: 'home', postId: 1, writerId: 2 },
    { id: 2, text: 'buy now', status: 'spam', score: 9, tenant: 'home', postId: 1, writerId: null },
    { id: 3, text: 'nice', status: 'ok', score: 7, tenant: 'home', postId: 1, writerId: 1 },
    { id: 4, text: 'foreign', status: 'spam', score: 8, tenant: 'away', postId: 2, writerId: 3 },
    { id: 5, text: 'more', status: 'spam', score: 2, tenant: 'home', postId: 4, writerId: 3 },
  ],
} as const

export async function fillBlog(db: Database): Promise<void> {
  for (const [table, rows] of [
    [firms, blog.firms],
    [authors, blog.authors],
    [posts, blog.posts],
    [comments, blog.comments],
  ] as const)
    for (const row of rows) await db.drizzle.insert(table.for(db)).values(row as never)
}

/** An app with the posts at /posts. */
export function blogApp(
  db: Database,
  list: { readonly hook: object; from(c: { request: Request }): { page(db?: Database): Promise<unknown> } } = postList,
): AnyElysia {
  return new Elysia()
    .use(core({ database: db, signals: false }))
    .use(shaping({ keys }))
    .get('/posts', ({ request }) => list.from({ request }).page(), {
      ...(list.hook as typeof postList.hook),
      public: true,
    })
}
