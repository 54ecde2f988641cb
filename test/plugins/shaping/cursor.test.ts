import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { inArray } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { sqliteTable, integer as whole } from 'drizzle-orm/sqlite-core'
import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import { KeyRing } from '../../../plugins/shaping/cursor/cursor.ts'
import { CursorKey } from '../../../plugins/shaping/cursor/cursor-key.ts'
import { shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { appOf, ask, fill, keys, noteList, notes, type Statement, watched } from './fixture.ts'

/** Nine notes on each database: one app, and what it is asked. */
const nine = (name: string, run: (app: ReturnType<typeof appOf>, db: Database) => Promise<void>): void =>
  both(name, [notes], (db) => withNine(db, run))

async function withNine(
  db: Database,
  run: (app: ReturnType<typeof appOf>, db: Database) => Promise<void>,
): Promise<void> {
  await fill(
    db,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => ({ id, score: id % 4 === 0 ? null : id, status: 'live' as const })),
  )
  await run(appOf(db), db)
}

nine('page.next and page.prev lead there and back', async (app) => {
  const first = await ask(app, '?limit=4')
  expect(first).toMatchObject({ ids: [1, 2, 3, 4], page: { limit: 4, hasMore: true } })
  expect(first.page.prev).toBeUndefined()
  const second = await ask(app, `?limit=4&after=${first.page.next}`)
  expect(second.ids).toEqual([5, 6, 7, 8])
  const back = await ask(app, `?limit=4&before=${second.page.prev}`)
  expect(back.ids).toEqual([1, 2, 3, 4])
  expect(back.page.prev).toBeUndefined()
  const last = await ask(app, `?limit=4&after=${second.page.next}`)
  expect(last).toMatchObject({ ids: [9], page: { hasMore: false } })
  expect(last.page.next).toBeUndefined()
  expect((await ask(app, '?limit=4&before=end')).ids).toEqual([6, 7, 8, 9])
})

nine('the Link header leads where page does, and keeps every parameter as it was sent', async (app) => {
  const query = '?status=live&score%5Bne%5D=7&sort=-id&limit=2&utm_source=mail'
  const first = await ask(app, query)
  const links = Object.fromEntries(
    [...first.link.matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, target, rel]) => [rel, target!]),
  )
  expect(Object.keys(links)).toEqual(['first', 'next', 'last'])
  expect(links['first']).toBe('/notes?status=live&score%5Bne%5D=7&sort=-id&limit=2')
  expect(links['next']).toBe(`${links['first']}&after=${first.page.next}`)
  const second = await ask(app, links['next']!.replace('/notes', ''))
  expect(second.ids).toEqual([6, 5])
  expect(second.link).toContain(`before=${second.page.prev}>; rel="prev"`)
  expect((await ask(app, links['last']!.replace('/notes', ''))).ids).toEqual([2, 1])
})

nine('no Host header and no letter of the query can change where a link leads', async (app) => {
  const { link } = await ask(app, '?title=%3Ca%3E&body=a>;rel=next,<b', { headers: { host: 'evil.example' } })
  expect(link).not.toContain('evil')
  expect(link.split(', <')).toHaveLength(2)
  expect(link).toContain('/notes?title=%3Ca%3E&body=a%3E;rel=next,%3Cb>; rel="first"')
})

// Cursors of which a bit was changed are tried in cursor-seal.test.ts.
nine('what is longer, shorter or in fewer parts than a cursor is refused, and no query is run', async (_, db) => {
  const statements: Statement[] = []
  const app = appOf(watched(db, statements))
  const cursor = (await ask(app, '?limit=2')).page.next!
  statements.length = 0
  for (const text of [`${cursor}.`, `${cursor}=`, `${cursor}A`, cursor.slice(0, -1), '', 'k1', 'k1..'])
    expect([text, (await ask(app, `?limit=2&after=${text}`)).errors[0]!.code]).toEqual([text, 'invalid-cursor'])
  expect(statements).toEqual([])
})

nine('another sort or other filters need another cursor; another limit and other fields do not', async (app) => {
  const { page } = await ask(app, '?status=live&sort=-score&limit=2')
  const at = `after=${page.next}`
  const codes = async (query: string) => (await ask(app, query)).errors?.map((one) => one.code)
  expect(await codes(`?status=live&sort=score&${at}`)).toEqual(['cursor-mismatch'])
  expect(await codes(`?status=gone&sort=-score&${at}`)).toEqual(['cursor-mismatch'])
  expect(await codes(`?sort=-score&${at}`)).toEqual(['cursor-mismatch'])
  expect(await codes(`?status=live&${at}`)).toEqual(['cursor-mismatch'])
  expect(await ask(app, `?sort=-score&status=live&limit=3&fields=title&${at}`)).toMatchObject({
    status: 200,
    data: [{ title: 'note 6' }, { title: 'note 5' }, { title: 'note 3' }],
  })
})

nine('a refused cursor comes with a link to the first page', async (app) => {
  expect((await ask(app, '?limit=2&after=k9.a.b')).link).toBe('</notes?limit=2>; rel="first"')
})

nine('a cursor of another list does not fit', async (app, db) => {
  const other = shape(notes, { sort: { keys: ['title', 'id'] } })
  const { page } = await ask(app, '?limit=2')
  expect((await ask(appOf(db, other), `?limit=2&after=${page.next}`)).errors[0]!.code).toBe('cursor-mismatch')
})

both('a cursor that says nonsense under a good signature is refused like any other', [notes], async (db) => {
  await fill(db, [{ id: 1 }, { id: 2 }, { id: 3 }])
  const app = appOf(db)
  const { page } = await ask(app, '?limit=1&sort=price')
  const said = JSON.parse(Buffer.from(page.next!.split('.')[1]!, 'base64url').toString())
  const nonsense: unknown[] = ['', null, 5, [], {}, 'x']
  for (const key of ['h', 'k', 'p']) for (const value of [5, {}, [{}], [5]]) nonsense.push({ ...said, [key]: value })
  for (const k of [[], ['1'], ['1', '2', '3'], [null, null], ['x', '1']]) nonsense.push({ ...said, k })
  for (const p of [[], ['1', '2'], [null]]) nonsense.push({ ...said, k: [], p })
  for (const one of nonsense) {
    const text = `k1.${Buffer.from(JSON.stringify(one)).toString('base64url')}`
    const mac = createHmac('sha256', keys[0]!).update(text).digest().subarray(0, 16)
    const { status, code } = await ask(app, `?limit=1&sort=price&after=${text}.${mac.toString('base64url')}`)
    expect([one, status, code]).toEqual([one, 400, 'KWIK_QUERY_INVALID'])
  }
})

nine('keys rotate: a cursor of an older key is good as long as the key is kept', async (app, db) => {
  const { page } = await ask(app, '?limit=2')
  const query = `?limit=2&after=${page.next}`
  const rotated = await ask(appOf(db, noteList, [...keys].reverse()), query)
  expect(rotated.ids).toEqual([3, 4])
  expect(rotated.page.next).not.toBe((await ask(app, query)).page.next)
  expect((await ask(appOf(db, noteList, [keys[1]!]), query)).errors[0]!.code).toBe('invalid-cursor')
})

nine('a cursor says where to go on and nothing else: no field but the keys is in it', async (app) => {
  const { page } = await ask(app, '?limit=2&sort=-score')
  const said = JSON.parse(Buffer.from(page.next!.split('.')[1]!, 'base64url').toString())
  expect(Object.keys(said).sort()).toEqual(['h', 'i', 'k'])
  expect(said).toMatchObject({ k: ['7', '7'] })
})

both('a page that became empty leads back to the rows there are', [notes], async (db) => {
  await fill(
    db,
    [1, 2, 3, 4, 5, 6].map((id) => ({ id })),
  )
  const app = appOf(db)
  const first = await ask(app, '?limit=2&sort=id')
  const second = await ask(app, `?limit=2&sort=id&after=${first.page.next}`)
  const third = await ask(app, `?limit=2&sort=id&after=${second.page.next}`)
  const table = notes.for(db)
  await db.drizzle.delete(table).where(inArray(table.id, [1, 2, 5, 6]))
  const before = await ask(app, `?limit=2&sort=id&before=${second.page.prev}`)
  expect([before.ids, before.page]).toEqual([[], { limit: 2, next: 'start', hasMore: true }])
  const start = await ask(app, `?limit=2&sort=id&after=${before.page.next}`)
  expect([start.ids, start.page]).toEqual([[3, 4], { limit: 2, hasMore: false }])
  const after = await ask(app, `?limit=2&sort=id&after=${second.page.next}`)
  expect([after.ids, after.page]).toEqual([[], { limit: 2, prev: 'end', hasMore: false }])
  expect((await ask(app, `?limit=2&sort=id&before=${after.page.prev}`)).ids).toEqual([3, 4])
  expect(third.ids).toEqual([5, 6])
})

both('the row under the cursor may be deleted', [notes], async (db) => {
  await fill(
    db,
    [1, 2, 3, 4, 5].map((id) => ({ id, score: null })),
  )
  const app = appOf(db)
  const first = await ask(app, '?sort=score&limit=2')
  await db.execute('delete from notes where id = 2')
  const second = await ask(app, `?sort=score&limit=2&after=${first.page.next}`)
  expect(second.ids).toEqual([3, 4])
  await db.execute('delete from notes where id > 2')
  const empty = await ask(app, `?sort=score&limit=2&after=${second.page.next}`)
  expect(empty).toMatchObject({ status: 200, ids: [], page: { prev: 'end' } })
  expect((await ask(app, `?sort=score&limit=2&before=${empty.page.prev}`)).ids).toEqual([1])
})

both('keys that are too long for a cursor are looked up by the primary key', [notes], async (db) => {
  const long = 'x'.repeat(4000)
  await fill(
    db,
    [1, 2, 3, 4, 5].map((id) => ({ id, body: id === 4 ? null : `${long}${id % 3}` })),
  )
  const app = appOf(db, shape(notes, { sort: { keys: ['body', 'score'] }, fields: { default: ['id'] } }))
  const first = await ask(app, '?sort=-body,score&limit=2')
  expect(first.ids).toEqual([2, 5])
  expect(first.page.next!.length).toBeLessThan(300)
  const second = await ask(app, `?sort=-body,score&limit=2&after=${first.page.next}`)
  expect(second.ids).toEqual([1, 3])
  expect((await ask(app, `?sort=-body,score&limit=2&before=${second.page.prev}`)).ids).toEqual([2, 5])
  expect((await ask(app, `?sort=-body,score&limit=2&after=${second.page.next}`)).ids).toEqual([4])
  await db.execute('delete from notes where id = 3')
  expect((await ask(app, `?sort=-body,score&limit=2&after=${second.page.next}`)).errors[0]!.code).toBe('cursor-expired')
})

nine('values are bound, and no parameter can be read in the text of a statement', async (_, db) => {
  const statements: Statement[] = []
  const app = appOf(watched(db, statements))
  for (const score of [1, 2, 3]) await ask(app, `?score[gte]=${score}&title[contains]=note&id[in]=${score},5&limit=3`)
  expect(new Set(statements.map(({ text }) => text)).size).toBe(1)
  expect(statements[0]!.text).not.toMatch(/note |note'/)
})

nine('only what is shown or sorted by is selected', async (_, db) => {
  const statements: Statement[] = []
  await ask(appOf(watched(db, statements)), '?fields=title&sort=-score&limit=3')
  expect(statements.map(({ text }) => text)).toEqual([
    'select "notes"."title", "notes"."score", "notes"."id" from "notes" where "notes"."score" is not null order by "notes"."score" desc, "notes"."id" desc limit 4',
  ])
})

withPostgres.test('a cursor from before the app moved to another database is expired', () =>
  withDatabase('SQLite in memory', [notes], (before) =>
    withNine(before, async (app) => {
      const { page } = await ask(app, '?limit=2')
      await withDatabase('PostgreSQL', [notes], async (db) => {
        await fill(db, [{ id: 1 }])
        const moved = await ask(appOf(db), `?limit=2&after=${page.next}`)
        expect(moved).toMatchObject({ status: 400, errors: [{ parameter: 'after', code: 'cursor-expired' }] })
      })
    }),
  ),
)

nine('a list says when it has no database, or one of the wrong kind', async (_, db) => {
  const request = new Request('http://localhost/notes')
  await expect(noteList.from({ request }).page()).rejects.toThrow('shape(notes): give page() a database')
  expect(() => noteList.from({ request }).where()).toThrow('shape(notes): give where() the database')
  const [foreign, users] =
    db.dialect === 'sqlite'
      ? ['postgresql', pgTable('users', { id: integer().primaryKey() })]
      : ['sqlite', sqliteTable('users', { id: whole().primaryKey() })]
  await expect(shape(users, {}).from({ request }).page(db)).rejects.toThrow(
    `shape(users): a ${foreign} table cannot be read from ${db.dialect}`,
  )
})

test('what the pages that everybody reads lead to is signed once and read once; what is no cursor is looked at each time', () => {
  const counts = { signed: 0, sign: 0 }
  const { sign, signed } = CursorKey.prototype
  CursorKey.prototype.sign = function (json) {
    counts.sign++
    return sign.call(this, json)
  }
  CursorKey.prototype.signed = function (payload, signature) {
    counts.signed++
    return signed.call(this, payload, signature)
  }
  try {
    const ring = new KeyRing(['k'.repeat(32)])
    const place = (key: string) => ({ h: 'list', k: [key] })
    const cursor = ring.sign(place('1'), { sealed: false })!
    for (let at = 0; at < 3; at++) {
      expect(ring.sign(place('1'), { sealed: false })).toBe(cursor)
      expect(ring.open(cursor)).toMatchObject(place('1'))
      expect(ring.open(`${cursor}x`)).toBe('invalid-cursor')
    }
    expect(counts).toEqual({ sign: 1, signed: 4 })
    const other = ring.sign(place('2'), { sealed: false })!
    expect(other).not.toBe(cursor)
    expect(ring.open(other)).toMatchObject(place('2'))
    expect(ring.open(ring.sign(place('1'), { sealed: true })!)).toMatchObject(place('1'))
    // Few are kept, whatever many there are.
    for (let at = 0; at < 600; at++) ring.open(ring.sign(place(`n${at}`), { sealed: false })!)
    const before = counts.signed
    expect(ring.open(cursor)).toMatchObject(place('1'))
    expect(counts.signed).toBe(before + 1)
  } finally {
    Object.assign(CursorKey.prototype, { sign, signed })
  }
})
