import { primaryKey as pgKey, pgTable, text as pgText, integer as pgWhole } from 'drizzle-orm/pg-core'
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database, TableDefinition } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { type AnyShape, searchMigration, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { keys, type Statement, watched } from './fixture.ts'

const numbered = defineTable('articles', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(200),
  body: t.text().nullable(),
  rank: t.int().default(0),
  ...t.softDelete(),
}))
const named = defineTable('pages', (t) => ({
  id: t.string(40).primaryKey(),
  title: t.string(200),
  body: t.text().nullable(),
  rank: t.int().default(0),
  ...t.softDelete(),
}))
const words = { fields: ['title', 'body'], index: 'fts' } as const
const kinds = {
  'whole numbers as keys': { table: numbered, list: shape(numbered, { search: words, sort: { keys: ['rank'] } }) },
  'texts as keys': { table: named, list: shape(named, { search: words, sort: { keys: ['rank'] } }) },
} as const satisfies Record<string, { table: TableDefinition; list: AnyShape }>

const silent = { debug() {}, info() {}, warn() {}, error() {} } as never

interface Told {
  readonly status: number
  readonly ids: string[]
  readonly code: string
  readonly detail: string
  readonly page: { readonly next?: string; readonly count?: unknown }
  readonly errors: { readonly code: string }[]
}

async function ask(db: Database, list: AnyShape, query: string): Promise<Told> {
  const app = new Elysia()
    .use(core({ database: db, signals: false, logger: silent }))
    .use(shaping({ keys }))
    .get('/list', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
  const response = await app.handle(new Request(`http://localhost/list?${query}`))
  const body = (await response.json()) as Told & { data?: { id: unknown }[] }
  return { ...body, status: response.status, ids: body.data?.map(({ id }) => String(id)).sort() ?? [] }
}
const find = async (db: Database, list: AnyShape, q: string): Promise<string[]> => {
  const told = await ask(db, list, `q=${encodeURIComponent(q)}`)
  expect({ q, status: told.status, code: told.code }).toEqual({ q, status: 200, code: undefined as never })
  return told.ids
}

async function prepare(db: Database, list: AnyShape): Promise<void> {
  for (const statement of searchMigration(list, db.dialect).up) await db.execute(statement)
}
const add = (db: Database, table: TableDefinition, rows: readonly object[]): Promise<unknown> =>
  Promise.all([db.drizzle.insert(table.for(db) as never).values(rows as never)])

const texts = [
  { id: 1, title: 'The quick brown fox', body: null },
  { id: 2, title: 'A brown bear', body: 'is not quick at all' },
  { id: 3, title: 'École ouverte à Genève', body: 'ΣΟΦΙΑ and МОСКВА' },
  {
    id: 4,
    title: 'well-known host example.com',
    body: `near "quotes" * AND c:\\path user@mail.example.org <b>bold</b> don't`,
  },
  { id: 5, title: 'Nothing', body: '1.5 of 2nd' },
]

const meant: Readonly<Record<string, readonly string[]>> = {
  'quick brown': ['1', '2'],
  'brown quick': ['1', '2'],
  'quick brown fox': ['1'],
  'QUICK Fox': ['1'],
  'quick zebra': [],
  // Whole words, not parts of them.
  bro: [],
  école: ['3'],
  ÉCOLE: ['3'],
  // An accent makes another letter.
  ecole: [],
  genève: ['3'],
  σοφια: ['3'],
  москва: ['3'],
  'well-known': ['4'],
  'known well': ['4'],
  'example com': ['4'],
  'mail org': ['4'],
  bold: ['4'],
  "don't": ['4'],
  'title:quick': [],
  'c:path': ['4'],
  '"quick brown"': ['1', '2'],
  'quick*': ['1', '2'],
  'quick NEAR brown': [],
  'quick OR zebra': [],
  'quick & brown | !fox': ['1'],
  '(quick) -brown': ['1', '2'],
  'NEAR(quick brown)': [],
  '^quick': ['1', '2'],
  '{body} : quick': [],
  "'quick''": ['1', '2'],
  '2nd': ['5'],
  '1.5 of': ['5'],
}

for (const [name, { table, list }] of Object.entries(kinds))
  describe(`a search, ${name}`, () => {
    const rows = texts.map((row) => ({ ...row, id: table === numbered ? row.id : String(row.id) }))
    const idOf = (id: number): unknown => (table === numbered ? id : String(id))

    both('finds the rows that have all words, whatever their order, case and punctuation', [table], async (db) => {
      await add(db, table, rows.slice(0, 2))
      // What was there before is found as what came later.
      await prepare(db, list)
      await add(db, table, rows.slice(2))
      for (const [q, ids] of Object.entries(meant)) expect([q, await find(db, list, q)]).toEqual([q, [...ids]])
    })

    both('follows what is written', [table], async (db) => {
      await prepare(db, list)
      await add(db, table, rows)
      const t = table.for(db) as typeof numbered extends { for(d: never): infer T } ? T : never
      const id = (value: number): string => (table === numbered ? String(value) : `'${value}'`)
      await db.execute(`update ${table.name} set title = 'A slow fox' where id = ${id(1)}`)
      expect([await find(db, list, 'quick'), await find(db, list, 'slow')]).toEqual([['2'], ['1']])
      expect((await db.execute(`update ${table.name} set rank = 3 where id = ${id(1)}`)).changes).toBe(1)
      expect((await db.execute(`update ${table.name} set title = 'slow fox' where id = ${id(1)}`)).changes).toBe(1)
      await db.execute(`update ${table.name} set id = ${id(77)} where id = ${id(2)}`)
      expect(await find(db, list, 'bear')).toEqual(['77'])
      expect((await db.execute(`delete from ${table.name} where id = ${id(77)}`)).changes).toBe(1)
      expect(await find(db, list, 'bear')).toEqual([])
      await add(db, table, [{ id: idOf(2), title: 'again a bear' }])
      expect(await find(db, list, 'bear')).toEqual(['2'])
      await db.drizzle
        .insert(t)
        .values({ id: idOf(2), title: 'x' } as never)
        .onConflictDoUpdate({ target: (t as never as { id: never }).id, set: { title: 'a wolf' } as never })
      expect([await find(db, list, 'bear'), await find(db, list, 'wolf')]).toEqual([[], ['2']])
      if (db.dialect === 'sqlite') {
        // SQLite tells no delete trigger of a row that is replaced.
        await db.execute(`insert or replace into ${table.name} (id, title, rank) values (${id(2)}, 'a lynx', 0)`)
        expect([await find(db, list, 'wolf'), await find(db, list, 'lynx')]).toEqual([[], ['2']])
        await db.execute(`insert or ignore into ${table.name} (id, title, rank) values (${id(2)}, 'a hare', 0)`)
        expect([await find(db, list, 'hare'), await find(db, list, 'lynx')]).toEqual([[], ['2']])
      }
      await expect(
        db.tx(async () => {
          await add(db, table, [{ id: idOf(9), title: 'a badger' }])
          throw new Error('no')
        }),
      ).rejects.toThrow('no')
      expect(await find(db, list, 'badger')).toEqual([])
    })

    both('does not find deleted rows, and pages as any other filter does', [table], async (db) => {
      await prepare(db, list)
      await add(
        db,
        table,
        [1, 2, 3, 4, 5].map((n) => ({
          id: idOf(n),
          title: `common word${n}`,
          rank: n % 2,
          ...(n === 5 && { deletedAt: new Date() }),
        })),
      )
      expect(await find(db, list, 'common')).toEqual(['1', '2', '3', '4'])
      const first = await ask(db, list, 'q=common&limit=3&sort=-rank')
      expect(first.ids).toEqual(['1', '3', '4'])
      const second = await ask(db, list, `q=common&limit=3&sort=-rank&after=${first.page.next}`)
      expect(second.ids).toEqual(['2'])
      const other = await ask(db, list, `q=word1&limit=3&sort=-rank&after=${first.page.next}`)
      expect([other.status, other.errors[0]!.code]).toEqual([400, 'cursor-mismatch'])
    })

    both('reads the index', [table], async (db) => {
      await prepare(db, list)
      await add(
        db,
        table,
        Array.from({ length: 500 }, (_, n) => ({ id: idOf(n), title: n === 7 ? 'rare thing' : `common ${n}` })),
      )
      await db.execute('analyze')
      const isPostgres = db.dialect === 'postgresql'
      for (const q of ['rare', 'common']) {
        const statements: Statement[] = []
        await ask(watched(db, statements), list, `q=${q}`)
        const { text, parameters } = statements[0]!
        const rows = await db.snapshot(async () => {
          if (isPostgres) await db.execute('set local enable_seqscan = off')
          return db.values(`${isPostgres ? 'explain' : 'explain query plan'} ${text}`, parameters)
        })
        const plan = rows.map((row) => String(row.at(-1))).join(' | ')
        if (isPostgres) expect(plan).toContain(`Bitmap Index Scan on ${table.name}_title_body_search_index`)
        else expect(plan).toContain('VIRTUAL TABLE INDEX')
        expect([q, plan]).toEqual([q, expect.not.stringMatching(/SCAN (articles|pages)( \||$)|Seq Scan/)])
      }
      // A transaction of the caller goes on as it was.
      await db.tx(async () => {
        await ask(db, list, 'q=rare')
        if (isPostgres) expect(await db.values('show enable_seqscan')).toEqual([['on']])
      })
    })

    test('keeps its rows when SQLite numbers them anew', () =>
      withDatabase('SQLite file', [table], async (db) => {
        await prepare(db, list)
        await add(db, table, rows)
        await db.execute(`delete from ${table.name} where id = ${table === numbered ? 1 : "'1'"}`)
        await db.execute('vacuum')
        expect(await find(db, list, 'quick')).toEqual(['2'])
        // As a migration does that makes the table anew: rows are copied, and its triggers are gone.
        const [[sql] = []] = await db.values(`select sql from sqlite_master where name = ?`, [table.name])
        await db.execute(String(sql).replace(table.name, 'made_anew'))
        await db.execute(`insert into made_anew select * from ${table.name} order by title desc`)
        await db.execute(`drop table ${table.name}`)
        await db.execute(`alter table made_anew rename to ${table.name}`)
        expect(await find(db, list, 'quick')).toEqual(['2'])
        await db.execute(`update ${table.name} set title = 'brisk', body = null`)
        await prepare(db, list)
        expect([await find(db, list, 'quick'), (await find(db, list, 'brisk')).length]).toEqual([[], 4])
        for (const statement of searchMigration(list, 'sqlite').down) await db.execute(statement)
        expect(await db.values("select name from sqlite_master where name like '%search%'")).toEqual([])
        await db.execute(`update ${table.name} set title = 'free'`)
      }))
  })

describe('a search that is not right', () => {
  const { list } = kinds['whole numbers as keys']
  both('has too few letters, or too many words', [numbered], async (db) => {
    await prepare(db, list)
    const codes = async (q: string): Promise<unknown> => {
      const { status, errors } = await ask(db, list, `q=${encodeURIComponent(q)}`)
      return [status, errors?.[0]?.code]
    }
    expect(await codes('ab')).toEqual([400, 'too-short'])
    expect(await codes('"*" - :')).toEqual([400, 'too-short'])
    expect(await codes('')).toEqual([400, 'too-short'])
    expect(await codes('one two three four five six seven eight nine ten')).toEqual([200, undefined])
    expect(await codes('one two three four five six seven eight nine ten more')).toEqual([400, 'too-many'])
    expect(await codes('a\0bcd')).toEqual([200, undefined])
    expect(await codes('\u{1F600}\u{1F600}\u{1F600} abc')).toEqual([200, undefined])
  })

  test('without its index says on SQLite which table needs what, and no SQL', () =>
    withDatabase('SQLite in memory', [numbered], async (db) => {
      const { status, code, detail } = await ask(db, list, 'q=quick')
      expect([status, code]).toEqual([503, 'KWIK_SEARCH_UNAVAILABLE'])
      expect(detail).toBe(
        'The index that searches articles is missing: run the migration that kwik check --indexes prints.',
      )
      // An index that another list has made may lack a field of this one.
      const narrow = shape(numbered, { search: { fields: ['title'], index: 'fts' } })
      await prepare(db, narrow)
      expect((await ask(db, list, 'q=quick')).code).toBe('KWIK_SEARCH_UNAVAILABLE')
      for (const statement of searchMigration([narrow, list], 'sqlite').up) await db.execute(statement)
      await add(db, numbered, texts)
      expect([await find(db, list, 'bear quick'), await find(db, narrow, 'bear quick')]).toEqual([['2'], []])
    }))

  test('has no migration: without a search, and of two tables', () => {
    expect(() => searchMigration(shape(numbered, {}), 'sqlite')).toThrow('shape(articles) declares no search')
    expect(() =>
      searchMigration(
        Object.values(kinds).map((one) => one.list),
        'sqlite',
      ),
    ).toThrow('articles, pages')
    const scan = shape(numbered, { search: { fields: ['title'], index: 'scan' } })
    expect(searchMigration(scan, 'postgresql')).toEqual({ up: [], down: [] })
  })
})

const parts = { team: 'team', n: 'n', text: 'text' } as const
for (const kind of ['SQLite in memory', 'PostgreSQL'] as const)
  (kind === 'PostgreSQL' ? withPostgres.test : test)(`a key of two fields is found too (${kind})`, () =>
    withDatabase(kind, [], async (db) => {
      const table =
        kind === 'PostgreSQL'
          ? pgTable(
              'notes',
              { id: pgText(parts.team).notNull(), n: pgWhole(parts.n).notNull(), text: pgText(parts.text) },
              (t) => [pgKey({ columns: [t.id, t.n] })],
            )
          : sqliteTable(
              'notes',
              { id: text(parts.team).notNull(), n: integer(parts.n).notNull(), text: text(parts.text) },
              (t) => [primaryKey({ columns: [t.id, t.n] })],
            )
      const list: AnyShape = shape(table, { search: { fields: ['text'], index: 'fts' } } as never)
      await db.execute('create table notes (team text not null, n int not null, text text, primary key (team, n))')
      await prepare(db, list)
      await db.execute("insert into notes values ('a', 1, 'green tea'), ('a', 2, 'black tea'), ('b', 1, 'green')")
      await db.execute("update notes set text = 'green tea' where n = 2")
      await db.execute("update notes set team = 'c' where team = 'b'")
      expect([await find(db, list, 'tea green'), await find(db, list, 'green'), await find(db, list, 'black')]).toEqual(
        [['a', 'a'], ['a', 'a', 'c'], []],
      )
    }),
  )

both('trigrams find parts of words, in upper and lower case', [numbered], async (db) => {
  const list = shape(numbered, { search: { fields: ['title', 'body'], index: 'trgm' } })
  await prepare(db, list)
  await add(db, numbered, texts)
  expect(await find(db, list, 'BRO')).toEqual(['1', '2'])
  expect(await find(db, list, 'écol')).toEqual(['3'])
  expect(await find(db, list, 'b%wn q_ick')).toEqual([])
  expect(await find(db, list, `"quotes"`)).toEqual(['4'])
})
