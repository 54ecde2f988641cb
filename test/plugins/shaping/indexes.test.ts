import { Type as T } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { TableLike } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { historyTable, resource } from '../../../plugins/resources/index.ts'
import { type AnyShape, checkIndexes, type IndexReport, many, one, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase } from '../../services.ts'
import { appOf, ask, type Statement, watched } from './fixture.ts'
import { bare, make, missing, only, scans } from './index-report.ts'

const items = defineTable(
  'items',
  (t) => ({
    id: t.int().primaryKey(),
    kind: t.enum('a', 'b'),
    rank: t.int().nullable(),
    size: t.int(),
    sku: t.string(20).unique(),
    made: t.datetime(),
  }),
  (t) => [t.index('made', 'id'), t.index('rank', 'id'), t.index('kind', 'made', 'id'), t.index('size')],
)

/** A list, and everything that is missing for it: made, nothing is. */
function lacks(
  name: string,
  list: AnyShape,
  tables: readonly TableLike[],
  expected: readonly (readonly string[])[],
): void {
  both(name, tables, async (db) => {
    const report = await checkIndexes(list, db)
    expect(report.indexes.map(({ define, statements }) => [define ?? '', ...statements])).toEqual(
      expected.map((one) => [...one]),
    )
    await make(db, report)
    expect(missing(await checkIndexes(list, db))).toEqual([])
  })
}

describe('nothing is missing', () => {
  const list: AnyShape = shape(items, {
    filter: { id: true, kind: ['eq', 'ne', 'in'], sku: ['eq', 'in'], rank: ['gte', 'null'], size: ['lt'] },
    sort: { keys: ['id', 'made', 'rank', 'sku'], default: '-made' },
  })
  const none: IndexReport = { tables: ['items'], findings: [], indexes: [] }
  both('where each has its index, in an empty table and in a full one', [items], async (db) => {
    expect(await checkIndexes(list, db)).toEqual(none)
    const made = db.dialect === 'sqlite' ? 'x * 1000' : "'2026-01-01'::timestamptz + x * interval '1 second'"
    const fill = (from: number, to: number): string =>
      `insert into items (id, kind, rank, size, sku, made) with recursive n(x) as (select ${from} union all select x + 1 from n where x < ${to})
       select x, 'a', case when x % 3 = 0 then 1 end, x % 7, 'sku' || x, ${made} from n`
    for (const [from, to] of [
      [1, 4],
      [5, 20_000],
    ] as const) {
      await db.execute(fill(from, to))
      await db.execute('analyze')
      expect(await checkIndexes(list, db)).toEqual(none)
    }
  })

  both('and nothing is run or changed', [bare], async (db) => {
    const wide = shape(bare, {
      filter: { title: ['eq'] },
      sort: { keys: ['title'] },
      search: { fields: ['title'], index: 'fts' },
    })
    await db.tx(async () => {
      await checkIndexes(wide, db)
      if (db.dialect === 'postgresql')
        expect(
          await db.values(
            "select name from pg_settings where name like 'enable_%' and setting = 'off' and boot_val = 'on'",
          ),
        ).toEqual([])
      await db.execute(
        'insert into bare (id, kind, title, price, made, owner, tags) values ' +
          only(
            db,
            "('1', 'a', 't', 1, 1, 'o', '[]')",
            "('00000000-0000-4000-8000-000000000000', 'a', 't', 1, now(), 'o', '[]')",
          ),
      )
    })
    expect((await checkIndexes(wide, db)).indexes.length).toBe(2)
  })
})

describe('nothing is missing where a scope finds one row', () => {
  const projects = defineTable(
    'projects',
    (t) => ({ id: t.id(), tenant: t.string(40), slug: t.string(40), name: t.string(80), ...t.softDelete() }),
    (t) => [t.unique('tenant', 'slug'), t.index('tenant', 'name', 'id')],
  )
  const issues = defineTable('issues', (t) => ({ id: t.id(), projectId: t.ref(() => projects) }))
  const projectList = shape(projects, {
    filter: { slug: ['eq', 'in'] },
    sort: { keys: ['name'], default: 'name' },
    scope: ({ user }) => (user ? { tenant: user.id } : false),
  })
  both('by its key over a relation, and by what is unique together with the scope', [projects, issues], async (db) => {
    const issueList = shape(issues, { relations: { project: one(projectList, 'projectId') } })
    expect(await checkIndexes([projectList, issueList], db)).toMatchObject({ findings: [], indexes: [] })
  })
})

describe("index: 'scan' on any filter", () => {
  both('says that it shall have no index of its own', [bare], async (db) => {
    const list = shape(bare, { filter: { kind: { by: ['eq', 'in'], index: 'scan' }, rank: { index: 'scan' } } })
    const report = await checkIndexes(list, db)
    expect(report.indexes).toEqual([])
    expect(missing(report)).toEqual([])
    expect(scans(report).join()).toContain('kind kind[in]')
    expect(scans(report).join()).toContain('it has no index of its own, as declared')
  })
  both('the history of a resource is read by its row', [bare, historyTable()], async (db) => {
    const routes = new Elysia().use(resource('bare', { table: bare, permissions: false, history: true })).routes
    const { hooks } = routes.find(({ path }) => path === '/bare/:id/history')!
    const report = await checkIndexes(hooks.shape as AnyShape, db)
    expect([report.tables, missing(report), report.indexes]).toEqual([['kwik_history'], [], []])
  })
})

describe('an index is missing', () => {
  lacks(
    'that runs on to the primary key: rows that tie would be sorted',
    shape(bare, { sort: { keys: ['kind'] } }),
    [bare],
    [["t.index('kind', 'id')", 'create index "bare_kind_id_index" on "bare" ("kind", "id")']],
  )
  both('unless the table adds it to every index, as SQLite does', [items], async (db) => {
    const { indexes } = await checkIndexes(shape(items, { sort: { keys: ['size'] } }), db)
    expect(indexes.map(({ define }) => define)).toEqual(only(db, [], ["t.index('size', 'id')"]) as string[])
  })

  lacks(
    'for orders and filters, and one serves several',
    shape(bare, {
      filter: { kind: ['eq', 'in'], rank: ['gte', 'null', 'ne'], price: ['lt'] },
      sort: { keys: ['rank', 'made'], default: '-made' },
    }),
    [bare],
    [
      ["t.index('kind', 'made', 'id')", 'create index "bare_kind_made_id_index" on "bare" ("kind", "made", "id")'],
      ["t.index('made', 'id')", 'create index "bare_made_id_index" on "bare" ("made", "id")'],
      ["t.index('rank', 'id')", 'create index "bare_rank_id_index" on "bare" ("rank", "id")'],
      ["t.index('price')", 'create index "bare_price_index" on "bare" ("price")'],
    ].sort(
      (a, b) =>
        ['made', 'rank', 'kind', 'price'].findIndex((w) => a[0]!.includes(`('${w}`)) -
        ['made', 'rank', 'kind', 'price'].findIndex((w) => b[0]!.includes(`('${w}`)),
    ),
  )
  lacks(
    'that runs both ways, which defineTable cannot say',
    shape(bare, { sort: { keys: ['kind', 'made'], default: ['kind', '-made'] }, filter: { kind: ['eq'] } }),
    [bare],
    [
      ['', 'create index "bare_kind_made_desc_id_desc_index" on "bare" ("kind", "made" desc, "id" desc)'],
      ["t.index('kind', 'id')", 'create index "bare_kind_id_index" on "bare" ("kind", "id")'],
      ["t.index('made', 'id')", 'create index "bare_made_id_index" on "bare" ("made", "id")'],
    ],
  )
  lacks(
    'that begins with what the scope asks for',
    shape(bare, {
      sort: { keys: ['made'], default: 'made' },
      filter: { kind: ['eq'] },
      scope: ({ user }) => (user ? { owner: user.id } : false),
    }),
    [bare],
    [
      ["t.index('owner', 'made', 'id')", 'create index "bare_owner_made_id_index" on "bare" ("owner", "made", "id")'],
      [
        "t.index('owner', 'kind', 'made', 'id')",
        'create index "bare_owner_kind_made_id_index" on "bare" ("owner", "kind", "made", "id")',
      ],
    ],
  )

  both('and others do not count: a key behind the first, fewer rows, the other direction', [bare], async (db) => {
    const list = shape(bare, { filter: { kind: ['eq'] }, sort: { keys: ['made'], default: ['made'] } })
    await db.execute('create index one on bare (made, kind, id)')
    await db.execute("create index two on bare (kind, made, id) where kind = 'b'")
    await db.execute('create index three on bare (made, id desc)')
    expect(missing(await checkIndexes(list, db))).toEqual([
      'the order without sort sort=made sort=-made: rows are sorted: no index has this order',
      'kind: no index begins with kind and has the order of the list',
    ])
    await db.execute('create index four on bare (made desc, id desc)')
    await db.execute('create index five on bare (kind desc, made, id)')
    expect(missing(await checkIndexes(list, db))).toEqual([])
  })

  test('is told with its reason', () =>
    withDatabase('SQLite in memory', [bare], async (db) => {
      const list = shape(bare, { sort: { keys: ['rank'] } })
      expect(await checkIndexes([list, list.filterOnly.shape, list.exportHook().shape], db)).toEqual({
        tables: ['bare'],
        findings: [
          {
            words: ['sort=rank', 'sort=-rank'],
            table: 'bare',
            kind: 'missing',
            why: 'rows are sorted: no index has this order',
            index: 'bare_rank_id_index',
          },
        ],
        indexes: [
          {
            table: 'bare',
            name: 'bare_rank_id_index',
            define: "t.index('rank', 'id')",
            statements: ['create index "bare_rank_id_index" on "bare" ("rank", "id")'],
          },
        ],
      })
    }))
})

describe('scopes that need a real caller', () => {
  const scopes = {
    'that throw': () => {
      throw new Error('nobody')
    },
    'that let nobody in': () => false as const,
    'with several values': () => ({ owner: ['a', 'b'] }),
    'that look at roles': ({ user }: { user: unknown }) =>
      (user as { roles: string[] }).roles.some((role) => role === 'admin') ? undefined : { owner: 'x' },
  }
  for (const [name, scope] of Object.entries(scopes))
    both(`${name} ask for nothing`, [bare], async (db) => {
      const list = shape(bare, { sort: { keys: ['made'] }, scope: scope as never })
      expect((await checkIndexes(list, db)).indexes.map(({ define }) => define)).toEqual(["t.index('made', 'id')"])
    })
})

describe('relations', () => {
  const makers = defineTable('makers', (t) => ({ id: t.id(), name: t.string(80), code: t.string(10) }))
  const parts = defineTable('parts', (t) => ({
    id: t.id(),
    weight: t.int(),
    makerCode: t.string(10),
    thingId: t.int(),
  }))
  const things = defineTable('things', (t) => ({ id: t.int().primaryKey(), name: t.string(80) }))
  const makerList = shape(makers, { filter: { name: ['eq'] }, sort: { keys: ['name'] } })
  const partList = shape(parts, {
    filter: { weight: ['gt'] },
    sort: { keys: ['weight'], default: '-weight' },
    relations: { maker: one(makerList, 'makerCode', { to: 'code' }) },
  })
  const thingList = shape(things, { relations: { parts: many(partList, 'thingId') } })
  lacks(
    'are found by an index that has their order',
    thingList,
    [makers, parts, things],
    [
      [
        "t.index('thingId', 'weight', 'id')",
        'create index "parts_thing_id_weight_id_index" on "parts" ("thing_id", "weight", "id")',
      ],
      ["t.index('code')", 'create index "makers_code_index" on "makers" ("code")'],
    ],
  )
  both('say what they are asked by', [makers, parts, things], async (db) => {
    const report = await checkIndexes(thingList, db)
    expect(missing(report)).toEqual([
      'parts.any.…: no index of parts begins with thingId',
      'expand=parts: no index of parts begins with thingId and has the order of its rows',
      'parts.any.maker.… expand=parts.maker: no index of makers begins with code',
    ])
    const sorted = shape(parts, {
      sort: { keys: ['maker.name'] },
      relations: { maker: one(makerList, 'makerCode', { to: 'code' }) },
    })
    expect(scans(await checkIndexes(sorted, db))).toEqual([
      'sort=maker.name: all rows are sorted: no index has an order over a relation',
    ])
  })
})

both('a route that shows no list needs no order', [bare], async (db) => {
  const list = shape(bare, { filter: { kind: ['eq'] }, sort: { keys: ['made'] } })
  const report = await checkIndexes(list.filterOnly.shape, db)
  expect(report.indexes.map(({ define }) => define)).toEqual(["t.index('kind')"])
})

both('rows without a value at the end of an order are one range of the index', [items], async (db) => {
  const made = db.dialect === 'sqlite' ? 'x' : 'now()'
  await db.execute(
    `insert into items (id, kind, rank, size, sku, made) with recursive n(x) as (select 1 union all select x + 1 from n where x < 5000)
     select x, 'a', case when x % 100 > 0 then x end, 1, 'sku' || x, ${made} from n`,
  )
  await db.execute('analyze')
  const statements: Statement[] = []
  const app = appOf(watched(db, statements), shape(items, { sort: { keys: ['rank'] }, fields: { default: ['id'] } }))
  for (const [query, ids] of [
    ['sort=rank&before=end&limit=3', [4800, 4900, 5000]],
    ['sort=-rank&before=end&limit=3', [300, 200, 100]],
  ] as const) {
    statements.length = 0
    expect((await ask(app, `?${query}`)).ids).toEqual([...ids])
    const { text, parameters } = statements[0]!
    const explain = db.dialect === 'sqlite' ? 'explain query plan' : 'explain (costs off)'
    const plan = (await db.values(`${explain} ${text}`, parameters)).map((row) => String(row.at(-1))).join(' | ')
    expect(plan).toMatch(/items_rank_id_index/)
    expect(plan).not.toMatch(/TEMP B-TREE|Sort/)
  }
})

test('rows in memory need no index', () =>
  withDatabase('SQLite in memory', [], async (db) => {
    const list = shape.memory(T.Object({ id: T.Integer(), name: T.String() }), [], { sort: { keys: ['name'] } })
    expect(await checkIndexes(list as never, db)).toEqual({ tables: [], findings: [], indexes: [] })
  }))
