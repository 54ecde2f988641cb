import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { expect } from '#test'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf, ask, type Statement, watched } from './fixture.ts'

const items = defineTable(
  'items',
  (t) => ({
    id: t.int().primaryKey(),
    kind: t.enum('a', 'b'),
    rank: t.int().nullable(),
    size: t.int(),
    made: t.datetime(),
  }),
  (t) => [t.index('made', 'id'), t.index('rank', 'id'), t.index('kind', 'made', 'id'), t.index('size')],
)
const itemList: AnyShape = shape(items, {
  filter: { kind: true },
  sort: { keys: ['id', 'made', 'rank', 'size'], default: '-made' },
  fields: { default: ['id'] },
})
const rows = 20_000

async function fillItems(db: Database): Promise<void> {
  const made = db.dialect === 'sqlite' ? 'x * 1000' : "'2026-01-01'::timestamptz + x * interval '1 second'"
  await db.execute(
    `insert into items (id, kind, rank, size, made) with recursive n(x) as (select 1 union all select x + 1 from n where x < ${rows})
     select x, case x % 2 when 0 then 'a' else 'b' end, case when x % 2 = 0 then x end, x % 5000, ${made} from n`,
  )
  await db.execute('analyze')
}

/** The plan of a statement: what is searched and what is sorted. */
async function planOf(db: Database, { text, parameters }: Statement): Promise<string> {
  const explain = db.dialect === 'sqlite' ? 'explain query plan' : 'explain (costs off)'
  return (await db.values(`${explain} ${text}`, parameters)).map((row) => String(row.at(-1))).join(' | ')
}

both('a page far from the start is one range of an index, whatever the order', [items], async (db) => {
  await fillItems(db)
  const statements: Statement[] = []
  const app = appOf(watched(db, statements), itemList)
  for (const query of [
    '',
    'kind=a',
    'sort=made',
    'sort=-rank',
    'sort=rank',
    'sort=-id',
    'sort=-size',
    'sort=size,-id',
  ]) {
    const half = await ask(app, `?${query}&limit=100`)
    let cursor = half.page.next
    for (let page = 0; page < 3; page++) cursor = (await ask(app, `?${query}&limit=100&after=${cursor}`)).page.next
    for (const place of [`after=${cursor}`, `before=${cursor}`, 'before=end']) {
      statements.length = 0
      expect((await ask(app, `?${query}&limit=20&${place}`)).ids.length).toBe(20)
      expect(statements.length).toBeLessThanOrEqual(2)
      const plan = await planOf(db, statements[0]!)
      expect({ query, place, plan }).toMatchObject({
        plan: expect.stringMatching(/INDEX|PRIMARY KEY|Index (Only )?Scan|SCAN items/),
      })
      // With an index on the first key alone, rows are sorted by the keys behind it: by how many, the planner decides.
      const whole = query.includes('size') ? /FOR ORDER BY|Seq Scan/ : /TEMP B-TREE|Sort|Seq Scan/
      expect({ query, place, plan }).toMatchObject({ plan: expect.not.stringMatching(whole) })
    }
  }
})
