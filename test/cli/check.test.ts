import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import type { IndexReport } from '../../plugins/shaping/index.ts'
import { postgresDatabase, withPostgres } from '../services.ts'
import { newApp, type TestApp } from './app.ts'
import { kwik } from './command.ts'

const patience = 60_000
let app: TestApp
beforeAll(async () => {
  app = await newApp()
  await app.kwik('g', 'resource', 'note', 'title:string:sort!', 'rank:int:sort', 'kind:enum:a,b:filter')
}, patience)
afterAll(() => app.remove())

const edit = (file: string, from: string, to: string): void => {
  const path = join(app.root, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}
const report = async (): Promise<IndexReport & { lists: object[]; database: string; code: number | null }> => {
  const { code, out } = await app.kwik('check', '--indexes', '--json')
  return { ...JSON.parse(out), code }
}

describe('kwik check', () => {
  test('is helped with what it does not know', async () => {
    const typo = await app.kwik('check', '--indxes')
    expect([typo.code, typo.out, typo.err.includes('did you mean --indexes?')]).toEqual([2, '', true])
    expect((await app.kwik('chek', '--indexes')).err).toContain('did you mean `check`?')
  })

  test(
    'says that migrations have not run',
    async () => {
      const { code, out, err } = await app.kwik('check', '--indexes')
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain('the database is not up to date (0000_accounts')
    },
    patience,
  )

  test(
    'tells what is missing, in words and as JSON, until it is there',
    async () => {
      await app.kwik('db', 'migrate')
      const words = await app.kwik('check', '--indexes')
      expect([words.code, words.err]).toEqual([1, ''])
      expect(words.out).toContain('checked  notes on sqlite: GET /notes\n')
      expect(words.out).toContain('missing  notes: sort=rank sort=-rank\n')
      expect(words.out).toContain("  notes: t.index('rank', 'id')\n")
      expect(words.out).toContain('  create index "notes_rank_id_index" on "notes" ("rank", "id");\n')
      const first = await report()
      expect([first.code, first.database, first.lists]).toEqual([
        1,
        'sqlite',
        [{ table: 'notes', routes: ['GET /notes'] }],
      ])

      // What it says is put in, and nothing is missing.
      const lines = first.indexes.flatMap(({ define }) => define ?? []).join(', ')
      edit('src/resources/note/model.ts', "t.index('createdAt', 'id')", `t.index('createdAt', 'id'), ${lines}`)
      expect((await app.kwik('db', 'make', '--name', 'indexes')).out).toContain('create  migrations/sqlite/')
      expect((await app.kwik('db', 'migrate')).code).toBe(0)
      const after = await report()
      expect(after.indexes).toEqual([])
    },
    patience,
  )

  test(
    "gives statements for a migration of one's own",
    async () => {
      edit(
        'src/resources/note/service.ts',
        'list: noteList',
        "list: { ...noteList, search: { fields: ['title'], index: 'fts' } }",
      )
      const { out, code } = await app.kwik('check', '--indexes')
      expect(code).toBe(1)
      const [, statements] = /What defineTable cannot say.*:\n([\s\S]*)$/.exec(out)!
      const made = await app.kwik('db', 'make', '--custom', '--name', 'search')
      expect(made.out).toMatch(/create {2}migrations\/sqlite\/\d+_search\.sql/)
      expect(made.out).toContain('--> statement-breakpoint')
      const file = /migrations\/sqlite\/\d+_search\.sql/.exec(made.out)![0]
      writeFileSync(join(app.root, file), statements!)
      expect((await app.kwik('db', 'migrate')).out).toMatch(/ran {5}\d+_search\n/)
      const words = await app.kwik('check', '--indexes')
      expect(words).toEqual({
        code: 0,
        out: 'checked  notes on sqlite: GET /notes\nno index is missing\n',
        err: '',
      })
      expect((await app.kwik('db', 'make')).out).toBe('unchanged\n')
      const both = await app.kwik('db', 'make', '--custom', '--drop', 'notes.title')
      expect([both.code, both.out]).toEqual([2, ''])
    },
    patience,
  )

  withPostgres.test('asks PostgreSQL where the app is on it', async () => {
    const database = await postgresDatabase()
    const onPostgres = (...words: string[]): ReturnType<typeof kwik> =>
      kwik(words, { cwd: app.root, env: { DATABASE_URL: database.url, NO_COLOR: '1' }, patience })
    try {
      expect((await onPostgres('db', 'migrate')).code).toBe(0)
      const { code, out, err } = await onPostgres('check', '--indexes')
      expect([code, err]).toEqual([1, ''])
      expect(out).toContain('checked  notes on postgresql: GET /notes\n')
      // The indexes that were declared are there; what was migrated by hand was for SQLite.
      expect(out).toContain('missing  notes: q\n         no index of words -> notes_title_search_index\n')
      expect(out).toContain(
        '  create index if not exists "notes_title_search_index" on "notes" using gin (to_tsvector(',
      )
      expect(out.match(/^missing/gm)).toHaveLength(1)
    } finally {
      await database.drop()
    }
  })
})
