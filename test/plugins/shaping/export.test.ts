import { connect } from 'node:net'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { serve } from '#core/serve'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { type ExportRules, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both, withDatabase } from '../../services.ts'
import { fillBlog, postList, tables } from './blog.ts'
import { appOf, callers, fill, keys, noteList, notes, type Statement, watched } from './fixture.ts'

interface Exported {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly errors: { parameter: string; code: string; suggestion?: string }[]
  readonly code: string
}

const exporting = (db: Database, list: typeof noteList = noteList, rules?: ExportRules): AnyElysia =>
  new Elysia()
    .use(core({ database: db, signals: false }))
    .use(callers())
    .use(shaping({ keys }))
    .get('/notes/export', ({ request }) => list.from({ request }).export(), {
      ...list.exportHook(rules),
      public: true,
    })
    .get('/notes/all', ({ request }) => list.from({ request }).export('csv', { name: 'Übersicht "1"', max: 2 }), {
      ...list.hook,
      public: true,
    })

async function ask(app: AnyElysia, path: string, headers: HeadersInit = {}): Promise<Exported> {
  const response = await app.handle(new Request(`http://localhost${path}`, { headers }))
  // As the bytes are: text() would take a byte order mark away.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer())
  const told = text.startsWith('{"type"') ? JSON.parse(text) : {}
  return { status: response.status, headers: response.headers, text, errors: told.errors, code: told.code }
}

describe('the form of an export', () => {
  test('is what format says, else what Accept likes best, else 406', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      const app = exporting(db)
      const typeFor = async (query: string, accept?: string) => {
        const { status, headers } = await ask(app, `/notes/export${query}`, accept === undefined ? {} : { accept })
        return status === 200 ? headers.get('content-type') : status
      }
      const csv = 'text/csv; charset=utf-8; header=present'
      const ndjson = 'application/x-ndjson'
      expect(await typeFor('')).toBe(csv)
      expect(await typeFor('', '*/*')).toBe(csv)
      expect(await typeFor('', 'application/x-ndjson')).toBe(ndjson)
      expect(await typeFor('', 'text/csv;q=0.5, application/x-ndjson;q=0.9, */*;q=0.1')).toBe(ndjson)
      expect(await typeFor('', 'text/csv;q=0, */*')).toBe(ndjson)
      expect(await typeFor('', 'Application/*')).toBe(ndjson)
      expect(await typeFor('?format=ndjson', 'text/csv')).toBe(ndjson)
      expect(await typeFor('?format=csv', 'application/json')).toBe(csv)
      expect(await typeFor('', 'application/json')).toBe(406)
      expect(await ask(app, '/notes/export', { accept: 'image/png' })).toMatchObject({ code: 'KWIK_NOT_ACCEPTABLE' })
      const only = exporting(db, noteList, { formats: ['ndjson'] })
      expect((await ask(only, '/notes/export', { accept: 'text/csv' })).status).toBe(406)
      expect((await ask(only, '/notes/export?format=csv')).errors).toMatchObject([
        { parameter: 'format', code: 'not-allowed', allowed: ['ndjson'] },
      ])
    }))

  test('is refused with all that is wrong, before the handler', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      const { status, errors } = await ask(
        exporting(db),
        '/notes/export?format=ndjsn&bom=1&limit=5&after=x&count=exact&score[gtt]=1',
      )
      expect(status).toBe(400)
      expect(errors.map(({ parameter, code }) => `${parameter} ${code}`).sort()).toEqual([
        'after unknown-parameter',
        'bom not-a-boolean',
        'count unknown-parameter',
        'format not-allowed',
        'limit unknown-parameter',
        'score[gtt] unknown-operator',
      ])
      expect(errors.find((one) => one.parameter === 'format')!.suggestion).toBe('ndjson')
      expect((await ask(exporting(db), '/notes/export?format=ndjson&bom=true')).errors).toMatchObject([
        { parameter: 'bom', code: 'exclusive' },
      ])
    }))

  test('cannot be declared with filters that have its words, or forms that are none', () => {
    const sheets = defineTable('sheets', (t) => ({ id: t.int().primaryKey(), format: t.string(10) }))
    expect(() => shape(sheets, { filter: { format: true } }).exportHook()).toThrow(
      'shape(sheets): export: "format" is a word of exports: give the filter another name',
    )
    expect(() => noteList.exportHook({ formats: ['xml' as 'csv'] })).toThrow('formats are csv and ndjson')
    expect(() => noteList.exportHook({ max: 0 })).toThrow('max is a number of rows')
  })

  test('a list that the handler exports has its own name, form and cap', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(db, [{ id: 1 }, { id: 2 }, { id: 3 }])
      const app = exporting(db)
      expect(await ask(app, '/notes/all')).toMatchObject({ status: 400, code: 'KWIK_EXPORT_TOO_LARGE' })
      const { text, headers } = await ask(app, '/notes/all?id[lte]=2&limit=1')
      expect(text).toBe('id,title\r\n1,note 1\r\n2,note 2\r\n')
      expect(headers.get('content-disposition')).toBe(
        `attachment; filename="_bersicht__1_.csv"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.csv`,
      )
    }))
})

const odd = [
  { id: 1, title: 'plain', score: -5, price: '-1.50', weight: -0.5, views: -3n, body: null },
  { id: 2, title: 'a "b", c', body: '', day: '2026-01-31', published: true },
  { id: 3, title: 'two\r\nlines', body: 'x\ny', tags: ['a', '-b'] },
  ...['=1+1', '+1', '-1', '@x', '\tx', '\rx', '\n=1', '＝1'].map((title, at) => ({ id: 10 + at, title })),
]

describe('CSV', () => {
  both('is RFC 4180 with a line of names, numbers as they are and formulas made text', [notes], async (db) => {
    await fill(db, odd)
    const fields = 'body,id,title,score,price,weight,views,day,published,tags,owner,at'
    const { text, headers } = await ask(exporting(db), `/notes/export?sort=id&fields=${fields}`)
    const rest = (title: string, id: number) => `,${id},${title},,,,0,,false,[],,2026-01-01T00:00:00.000Z`
    expect(text).toBe(
      [
        fields,
        ',1,plain,-5,-1.50,-0.5,-3,,false,[],,2026-01-01T00:00:00.000Z',
        '"",2,"a ""b"", c",,,,0,2026-01-31,true,[],,2026-01-01T00:00:00.000Z',
        '"x\ny",3,"two\r\nlines",,,,0,,false,"[""a"",""-b""]",,2026-01-01T00:00:00.000Z',
        rest("'=1+1", 10),
        rest("'+1", 11),
        rest("'-1", 12),
        rest("'@x", 13),
        rest("'\tx", 14),
        rest('"\'\rx"', 15),
        rest('"\'\n=1"', 16),
        rest("'＝1", 17),
        '',
      ].join('\r\n'),
    )
    expect(headers.get('content-disposition')).toBe('attachment; filename="notes.csv"')
    expect(headers.get('vary')).toBe('accept')
  })

  test('begins with a byte order mark when it is asked to, and is its header alone without rows', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      expect((await ask(exporting(db), '/notes/export?bom=true')).text).toBe('\ufeffid,title\r\n')
      expect((await ask(exporting(db), '/notes/export?bom=false')).text).toBe('id,title\r\n')
      expect((await ask(exporting(db), '/notes/export?format=ndjson')).text).toBe('')
    }))

  test('writes JSON as JSON, and words that are no numbers as text', () => {
    const things = defineTable('things', (t) => ({ id: t.int().primaryKey(), any: t.json().nullable() }))
    const list = shape(things, {})
    return withDatabase('SQLite in memory', [things], async (db) => {
      const values = [{ a: '=1' }, '=1', -5, [1]]
      for (const [at, any] of values.entries()) await db.drizzle.insert(things.for(db)).values({ id: at, any } as never)
      expect((await ask(exporting(db, list as never), '/notes/export')).text).toBe(
        ['id,any', '0,"{""a"":""=1""}"', '1,"""=1"""', '2,-5', '3,[1]', ''].join('\r\n'),
      )
    })
  })
})

describe('rows of an export', () => {
  both('are those that fit, in their order, with the fields that were asked for', [notes], async (db) => {
    await fill(
      db,
      Array.from({ length: 2503 }, (_, at) => ({ id: at, score: at % 7 === 0 ? null : at % 50, body: `b${at}` })),
    )
    const app = exporting(db)
    const query = '?score[gte]=10&where=id gt 20&sort=-score&fields=score,id'
    const { text } = await ask(app, encodeURI(`/notes/export${query}&format=ndjson`))
    const rows = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    const expected = Array.from({ length: 2503 }, (_, id) => ({ score: id % 7 === 0 ? null : id % 50, id }))
      .filter(({ score, id }) => score !== null && score >= 10 && id > 20)
      .sort((a, b) => b.score! - a.score! || b.id - a.id)
    expect(rows).toEqual(expected)
    const { text: csv } = await ask(app, '/notes/export?sort=score,id&fields=id,score')
    expect(csv.split('\r\n').length).toBe(2505)
  })

  both('of relations are rows in rows of NDJSON, and refused in CSV', tables, async (db) => {
    await fillBlog(db)
    const app = exporting(db, postList as never)
    const query = 'expand=author,comments&expand.comments.limit=50&expand.comments.fields=id&fields=id'
    const { text } = await ask(app, `/notes/export?format=ndjson&${query}`)
    const rows = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    expect(rows[0]).toEqual({
      id: 1,
      author: { id: 1, name: 'ann lee', firmId: 2 },
      comments: { data: [{ id: 2 }, { id: 3 }, { id: 1 }], hasMore: false },
    })
    expect(rows).toHaveLength(4)
    for (const refused of ['expand=author', 'fields=id,author.name'])
      expect((await ask(app, `/notes/export?format=csv&${refused}`)).errors).toMatchObject([
        { parameter: refused.split('=')[0]!, code: 'not-in-csv' },
      ])
    expect((await ask(app, '/notes/export?format=csv&author.name=Bob')).text).toBe('id,title\r\n2,École ouverte\r\n')
  })

  test('keep hidden fields, permissions of fields and the scope', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(db, [
        { id: 1, body: 'a', score: 1 },
        { id: 2, body: 'b', score: 2 },
      ])
      const list = shape(notes, {
        filter: { score: true },
        fields: {
          default: ['id', 'body'],
          hidden: ['secret'],
          permissions: { body: 'notes:body', score: 'notes:score' },
        },
        scope: ({ user }) => ({ id: user === null ? 1 : [1, 2] }),
      })
      const app = exporting(db, list as never)
      expect((await ask(app, '/notes/export')).text).toBe('id\r\n1\r\n')
      const authorization = 'ann notes:body'
      expect((await ask(app, '/notes/export', { authorization })).text).toBe('id,body\r\n1,a\r\n2,b\r\n')
      for (const query of ['fields=secret', 'fields=score', 'score[gte]=1', 'sort=score'])
        expect((await ask(app, `/notes/export?${query}`, { authorization })).status).toBe(400)
    }))

  both('are no more than max, which is known before the first byte', [notes], async (db) => {
    await fill(
      db,
      Array.from({ length: 30 }, (_, id) => ({ id })),
    )
    const app = exporting(db, noteList, { max: 20 })
    const refused = await ask(app, '/notes/export')
    expect(refused).toMatchObject({ status: 400, code: 'KWIK_EXPORT_TOO_LARGE' })
    expect(refused.text).toContain('More than 20 rows fit')
    expect((await ask(app, '/notes/export?id[lt]=20')).text.split('\r\n')).toHaveLength(22)
  })
})

const rowsRead = (statements: readonly Statement[]): number =>
  statements.filter(({ text }) => text.startsWith('select')).length

describe('an export on its way', () => {
  both('is read in batches as the client takes them, and not at all once it left', [notes], async (db) => {
    await fill(
      db,
      Array.from({ length: 5200 }, (_, id) => ({ id, title: 'x'.repeat(100) })),
    )
    const statements: Statement[] = []
    const app = exporting(watched(db, statements))
    const response = await app.handle(new Request('http://localhost/notes/export'))
    expect(rowsRead(statements)).toBe(1)
    const reader = response.body!.getReader()
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value).startsWith('id,title\r\n0,xxx')).toBe(true)
    // One batch may be under way for what is asked next.
    await reader.cancel()
    const before = rowsRead(statements)
    expect(before).toBeLessThanOrEqual(3)
    await new Promise((done) => setTimeout(done, 20))
    expect(rowsRead(statements)).toBe(before)
    // No connection, and no transaction, is held between the batches.
    expect((await ask(app, '/notes/export?id[lt]=1')).status).toBe(200)
  })

  test('waits on a socket for a client that does not read, and ends when it hangs up', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      const batches = 60
      const rows = Array.from({ length: batches * 1000 }, (_, id) => [id, 'x'.repeat(190)] as const)
      // One statement: the rows are 12 MB, more than the buffers of a socket take.
      await db.execute(
        `insert into notes (id, title, status, views, published, at, tags, secret)
         select value ->> 0, value ->> 1, 'draft', 0, 0, 0, '[]', 's' from json_each(?)`,
        [JSON.stringify(rows)],
      )
      const statements: Statement[] = []
      const served = await serve(exporting(watched(db, statements)), { port: 0, hostname: '127.0.0.1' })
      const socket = connect(served.port, '127.0.0.1')
      try {
        socket.pause()
        socket.write('GET /notes/export HTTP/1.1\r\nHost: localhost\r\n\r\n')
        const settled = async (): Promise<number> => {
          for (let last = -1; ; ) {
            await new Promise((done) => setTimeout(done, 200))
            if (rowsRead(statements) === last) return last
            last = rowsRead(statements)
          }
        }
        const waiting = await settled()
        expect(waiting).toBeGreaterThan(0)
        expect(waiting).toBeLessThan(batches)
        socket.destroy()
        const left = await settled()
        expect(left - waiting).toBeLessThanOrEqual(2)
      } finally {
        socket.destroy()
        await served.stop(0)
      }
    }))

  test('answers what fails at once as a problem, and breaks off where it fails later', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(
        db,
        Array.from({ length: 2500 }, (_, id) => ({ id })),
      )
      const logged: { message: string; error: unknown }[] = []
      const logger = {
        debug() {},
        info() {},
        warning() {},
        error: (message: string, facts?: object) =>
          void logged.push({ message, error: (facts as { error: unknown }).error }),
      }
      let left = 0
      const failing = new Proxy(db, {
        get(target, key) {
          const value = Reflect.get(target, key, target)
          if (key !== 'values' && key !== 'valuesNow') return typeof value === 'function' ? value.bind(target) : value
          return (...given: unknown[]) => {
            if (left-- <= 0) throw new Error('the disk is gone')
            return value.apply(target, given)
          }
        },
      })
      const app = new Elysia()
        .use(core({ database: failing, signals: false, logger, timeout: '5s' }))
        .use(shaping({ keys }))
        .get('/export', ({ request }) => noteList.from({ request }).export(), {
          ...noteList.exportHook(),
          public: true,
        })
      const served = await serve(app, { port: 0, hostname: '127.0.0.1' })
      try {
        expect((await app.handle(new Request('http://localhost/export'))).status).toBe(500)
        left = 2
        // A connection of its own: on one that was used before, a client may ask again by itself.
        const outcome = await fetch(`http://127.0.0.1:${served.port}/export`)
          .then((answer) => answer.text())
          .then(
            (text) => `whole: ${text}`,
            () => 'broken',
          )
        expect(outcome).toBe('broken')
        expect(logged.map(({ message }) => message)).toEqual([
          'Something went wrong on our side',
          'The answer broke off',
        ])
        expect((logged[1]!.error as Error).message).toBe('the disk is gone')
      } finally {
        await served.stop(0)
      }
    }))

  test('may take longer than the route has for its answer', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(
        db,
        Array.from({ length: 3500 }, (_, id) => ({ id })),
      )
      const app = appOf(db, noteList, keys, [], { timeout: '60ms' }).get(
        '/export',
        ({ request }) => noteList.from({ request }).export(),
        { ...noteList.exportHook(), public: true },
      )
      const response = await app.handle(new Request('http://localhost/export'))
      let rows = 0
      for await (const chunk of response.body!) {
        rows += new TextDecoder().decode(chunk).split('\r\n').length - 1
        await new Promise((done) => setTimeout(done, 40))
      }
      expect(rows).toBe(3501)
    }))

  test('is read for HEAD no further than for its headers', () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(
        db,
        Array.from({ length: 2500 }, (_, id) => ({ id })),
      )
      const statements: Statement[] = []
      const app = exporting(watched(db, statements))
      const response = await app.handle(new Request('http://localhost/notes/export', { method: 'HEAD' }))
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/csv; charset=utf-8; header=present',
      ])
      expect(await response.text()).toBe('')
      expect(rowsRead(statements)).toBe(1)
    }))
})
