import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { expect } from '#test'
import { many, one, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'

const posts = defineTable('posts', (t) => ({ id: t.int().primaryKey(), title: t.string() }))
const comments = defineTable(
  'comments',
  (t) => ({
    id: t.int().primaryKey(),
    tenant: t.string(),
    score: t.int(),
    postId: t.ref('posts', { key: 'int' }),
    ...t.softDelete(),
  }),
  (t) => [t.index('postId', 'score', 'id')],
)
const ofTenant = { scope: () => ({ tenant: 'home' }) }
const commentList = shape(comments, {
  ...ofTenant,
  filter: { score: true },
  sort: { keys: ['score'], default: '-score' },
})
const postList = shape(posts, {
  filter: { title: true },
  sort: { keys: ['id'] },
  relations: { comments: many(commentList, 'postId') },
})
const byPost = shape(comments, {
  ...ofTenant,
  sort: { keys: ['id', 'post.id'] },
  relations: { post: one(postList, 'postId') },
})

async function prepare(db: Database): Promise<void> {
  const numbers = (most: number): string =>
    db.dialect === 'sqlite'
      ? `(with recursive n(i) as (select 1 union all select i + 1 from n where i < ${most}) select i from n)`
      : `(select i from generate_series(1, ${most}) as i)`
  await db.execute(`insert into posts (id, title) select i, 'post' from ${numbers(500)} as n`)
  await db.execute(
    `insert into comments (id, tenant, score, post_id) select i, 'home', i % 97, 1 + i % 500 from ${numbers(20_000)} as n`,
  )
  await db.execute('analyze')
}

type Listed = {
  from(context: { request: Request }): {
    explain(db: Database): Promise<readonly { plan: readonly string[]; sql: string }[]>
  }
}
async function plansOf(db: Database, list: Listed, query: string): Promise<string[]> {
  const statements = await list.from({ request: new Request(`http://localhost/posts?${query}`) }).explain(db)
  return statements.map(({ plan }) => plan.join('\n'))
}

both(
  'a scope over a relation is no table of its own in the plan, and its index is used',
  [posts, comments],
  async (db) => {
    await prepare(db)
    const [plan] = await plansOf(db, postList, 'comments.any.score[gt]=90&limit=5')
    expect(plan).toMatch(/comments_post_id_score_id_index|comments_post_id_index/)
    expect(plan).not.toMatch(/MATERIALIZE|CO-ROUTINE|Subquery Scan|Seq Scan on comments|SCAN comments/)
    const [sorted] = await plansOf(db, byPost, 'sort=post.id&limit=5')
    expect(sorted).not.toMatch(/MATERIALIZE|CO-ROUTINE|Subquery Scan/)
  },
)

both('the first rows of each row are read from an index range', [posts, comments], async (db) => {
  await prepare(db)
  const [, plan] = await plansOf(db, postList, 'expand=comments&expand.comments.limit=3&limit=20')
  expect(plan).toContain('comments_post_id_score_id_index')
  expect(plan).not.toMatch(/Seq Scan|SCAN (c|d|comments)\b|row_number|WindowAgg/)
  // PostgreSQL reads them in order; SQLite puts those it found into order.
  if (db.dialect === 'postgresql') expect(plan).not.toContain('Sort')
})
