import { Elysia } from 'elysia'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import { expect } from '#test'
import { type AnyShape, type CursorRules, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf, ask, callers, fill, keys, noteList, notes, type Statement, watched } from './fixture.ts'

/** Five notes, on each database. */
const five = (name: string, run: (db: Database) => Promise<void>): void =>
  both(name, [notes], async (db) => {
    await fill(
      db,
      [1, 2, 3, 4, 5].map((id) => ({ id })),
    )
    await run(db)
  })
const listWith = (cursors?: CursorRules): AnyShape =>
  shape(notes, { sort: { keys: ['id', 'secret'] }, fields: { default: ['id'] }, ...(cursors && { cursors }) })
const sealedWith = (cursors?: CursorRules): AnyShape =>
  shape(notes, {
    sort: { keys: ['id', 'secret'] },
    fields: { default: ['id'], hidden: ['secret'] },
    ...(cursors && { cursors }),
  })
const travelling = (): Clock & { at: number } => {
  const clock = { at: Date.parse('2026-01-01T00:00:00Z'), now: () => clock.at }
  return clock
}
const forms = { signed: listWith, sealed: sealedWith }

for (const [form, listOf] of Object.entries(forms)) {
  five(`a ${form} cursor ends with its time, and the refusal leads to the first page`, async (db) => {
    const clock = travelling()
    const statements: Statement[] = []
    const app = appOf(watched(db, statements), listOf(), { keys, cursors: { ttl: '1h' } }, [], { clock })
    const { page } = await ask(app, '?limit=2')
    clock.at += 3_599_000
    expect((await ask(app, `?limit=2&after=${page.next}`)).ids).toEqual([3, 4])
    clock.at += 2000
    statements.length = 0
    const late = await ask(app, `?limit=2&after=${page.next}`)
    expect(late).toMatchObject({ status: 400, errors: [{ parameter: 'after', code: 'cursor-expired' }] })
    expect(late.link).toBe('</notes?limit=2>; rel="first"')
    expect(statements).toEqual([])
  })

  five(`a ${form} cursor that is bound to its caller fits nobody else`, async (db) => {
    const app = appOf(db, listOf({ bind: 'user' }), keys, [new Elysia().use(callers())])
    const as = (who?: string) => (who ? { headers: { authorization: who } } : {})
    const { page } = await ask(app, '?limit=2', as('ann'))
    expect((await ask(app, `?limit=2&after=${page.next}`, as('ann'))).ids).toEqual([3, 4])
    for (const who of ['ben', undefined])
      expect((await ask(app, `?limit=2&after=${page.next}`, as(who))).errors[0]!.code).toBe('cursor-mismatch')
    const anybody = await ask(app, '?limit=2')
    expect((await ask(app, `?limit=2&after=${anybody.page.next}`)).ids).toEqual([3, 4])
    expect((await ask(app, `?limit=2&after=${anybody.page.next}`, as('ann'))).status).toBe(400)
  })

  five(`a ${form} cursor outlives its key as long as the key is kept, and one key is tried`, async (db) => {
    const [old, young] = keys as [string, string]
    const { page } = await ask(appOf(db, listOf(), [old]), '?limit=2')
    const query = `?limit=2&after=${page.next}`
    const rotated = await ask(appOf(db, listOf(), [young, old]), query)
    expect(rotated.ids).toEqual([3, 4])
    // What the rotated app gives is the young key's.
    expect((await ask(appOf(db, listOf(), [young]), `?limit=2&after=${rotated.page.next}`)).ids).toEqual([5])
    const statements: Statement[] = []
    const gone = await ask(appOf(watched(db, statements), listOf(), [young]), query)
    expect([gone.status, gone.errors[0]!.code, statements]).toEqual([400, 'invalid-cursor', []])
  })
}

five("a shape's own words on its cursors count more than the plugin's", async (db) => {
  const clock = travelling()
  const options = { keys, cursors: { ttl: '1h', bind: 'user' } } as const
  const app = appOf(db, listWith({ ttl: '1d' }), options, [new Elysia().use(callers())], { clock })
  const { page } = await ask(app, '?limit=2', { headers: { authorization: 'ann' } })
  clock.at += 7_200_000
  const query = `?limit=2&after=${page.next}`
  expect((await ask(app, query, { headers: { authorization: 'ann' } })).ids).toEqual([3, 4])
  expect((await ask(app, query)).errors[0]!.code).toBe('cursor-mismatch')
})

five('a cursor of 3 KB, and one as long as a URL may be, is refused; a longer one is 414', async (db) => {
  const statements: Statement[] = []
  const app = appOf(watched(db, statements), noteList)
  for (const long of ['A'.repeat(3000), `k1.${'A'.repeat(7000)}.AAAA`, `k2.${'A'.repeat(7000)}.AAAA`])
    expect((await ask(app, `?after=${long}`)).errors[0]!.code).toBe('invalid-cursor')
  expect((await ask(app, `?after=k1.${'A'.repeat(10_240)}.AAAA`)).status).toBe(414)
  expect(statements).toEqual([])
})

five('a cursor whose row is gone, from a list that looks it up, leads to the first page too', async (db) => {
  const list = shape(notes, { sort: { keys: ['body'] }, fields: { default: ['id'] } })
  await db.execute(`update notes set body = '${'x'.repeat(3000)}' || id`)
  const app = appOf(db, list as AnyShape)
  const { page } = await ask(app, '?limit=2&sort=body')
  await db.execute('delete from notes where id = 2')
  const late = await ask(app, `?limit=2&sort=body&after=${page.next}`)
  expect([late.errors[0]!.code, late.link]).toEqual(['cursor-expired', '</notes?limit=2&sort=body>; rel="first"'])
})
