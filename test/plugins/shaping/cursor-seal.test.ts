import { Buffer } from 'node:buffer'
import { Elysia } from 'elysia'
import fc from 'fast-check'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase } from '../../services.ts'
import { appOf, ask, callers, fill, keys, noteList, notes, type Statement, watched } from './fixture.ts'

const hiding = shape(notes, {
  sort: { keys: ['secret', 'score'], default: '-secret' },
  fields: { default: ['id'], hidden: ['secret'] },
})
const secretOf = (id: number): string => `confidential-${String(97 - id).padStart(3, '0')}`
const notesWithSecrets = [1, 2, 3, 4, 5].map((id) => ({ id, secret: secretOf(id), score: id }))

/** Every text that somebody who holds the cursor can get out of it without a key. */
const readable = (cursor: string): string =>
  cursor
    .split('.')
    .flatMap((part) => [part, Buffer.from(part, 'base64url').toString('latin1')])
    .join('\n')

both('a list sorted by a hidden field pages by it, and its cursors show nothing of it', [notes], async (db) => {
  await fill(db, notesWithSecrets)
  const app = appOf(db, hiding as AnyShape)
  const first = await ask(app, '?limit=2')
  expect(first).toMatchObject({ status: 200, data: [{ id: 1 }, { id: 2 }] })
  expect(JSON.stringify(first.data)).not.toContain('confidential')
  expect(first.page.next).toMatch(/^k2\.[\w-]+\.[\w-]+$/)
  const said = readable(first.page.next!)
  for (const word of ['confidential', 'secret', secretOf(2), '"k"']) expect(said).not.toContain(word)
  const second = await ask(app, `?limit=2&after=${first.page.next}`)
  expect(second.ids).toEqual([3, 4])
  expect((await ask(app, `?limit=2&before=${second.page.prev}`)).ids).toEqual([1, 2])
  // The same page has the same cursor: ETags and caches live of it.
  expect((await ask(app, '?limit=2')).page.next).toBe(first.page.next!)
  expect((await ask(app, '?secret=x')).errors[0]!.code).toBe('unknown-parameter')
  expect((await ask(app, '?fields=secret')).errors[0]!.code).toBe('unknown-field')
})

both('the length of a sealed cursor does not tell the length of what is hidden', [notes], async (db) => {
  await fill(
    db,
    [1, 2, 3].map((id) => ({ id, secret: 'x'.repeat(id * 5) })),
  )
  const app = appOf(db, hiding as AnyShape)
  const lengths = new Set<number>()
  for (let at = '', pages = 0; pages < 2; pages++) {
    const { page } = await ask(app, `?limit=1&sort=secret${at}`)
    lengths.add(page.next!.length)
    at = `&after=${page.next}`
  }
  expect(lengths.size).toBe(1)
})

both('a hidden primary key, or one with a permission, is no error: it is sealed', [], async (db) => {
  const people = defineTable('notes', (t) => ({ id: t.int().primaryKey(), name: t.string() }))
  await db.execute('create table notes (id integer primary key, name text not null)')
  for (let id = 1; id <= 4; id++) await db.execute(`insert into notes values (${id * 1111}, 'n${id}')`)
  for (const fields of [{ hidden: ['id'] }, { permissions: { id: 'a:b' } }] as const) {
    const app = appOf(db, shape(people, { sort: { keys: ['name'] }, fields } as never), keys)
    const first = await ask(app, '?limit=2&sort=-name')
    expect(first.data).toEqual([{ name: 'n4' }, { name: 'n3' }])
    expect(readable(first.page.next!)).not.toContain('3333')
    const second = await ask(app, `?limit=2&sort=-name&after=${first.page.next}`)
    expect(second.data).toEqual([{ name: 'n2' }, { name: 'n1' }])
  }
})

both('a sort key that needs a permission seals the cursors of who has it', [notes], async (db) => {
  await fill(db, notesWithSecrets)
  const list = shape(notes, {
    sort: { keys: ['secret', 'id'] },
    fields: { default: ['id'], permissions: { secret: 'notes:secret' } },
  })
  const app = appOf(db, list as AnyShape, keys, [new Elysia().use(callers())])
  const as = (who: string) => ({ headers: { authorization: who } })
  const { page } = await ask(app, '?limit=2&sort=-secret', as('a notes:secret'))
  expect(page.next).toMatch(/^k2\./)
  expect(readable(page.next!)).not.toContain('confidential')
  expect((await ask(app, `?limit=2&sort=-secret&after=${page.next}`, as('a notes:secret'))).ids).toEqual([3, 4])
  // In the hands of somebody without the permission it opens nothing.
  expect((await ask(app, `?limit=2&sort=-secret&after=${page.next}`, as('b'))).errors[0]!.code).toBe('unknown-sort-key')
  expect((await ask(app, `?limit=2&after=${page.next}`, as('b'))).errors[0]!.code).toBe('cursor-mismatch')
})

both('keys that are too long to seal are looked up by the sealed primary key', [notes], async (db) => {
  await fill(
    db,
    [1, 2, 3].map((id) => ({ id, body: `${'x'.repeat(3000)}${id}` })),
  )
  const app = appOf(db, shape(notes, { sort: { keys: ['body'] }, fields: { default: ['id'], hidden: ['body'] } }))
  const { page } = await ask(app, '?limit=1&sort=body')
  expect(page.next).toMatch(/^k2\./)
  expect(page.next!.length).toBeLessThan(400)
  expect((await ask(app, `?limit=1&sort=body&after=${page.next}`)).ids).toEqual([2])
})

for (const [form, list] of [
  ['signed', noteList],
  ['sealed', hiding],
] as const)
  test(`any bit of a ${form} cursor that is changed makes it invalid, and no statement runs (property)`, () =>
    withDatabase('SQLite in memory', [notes], async (db) => {
      await fill(db, notesWithSecrets)
      const statements: Statement[] = []
      const app = appOf(watched(db, statements), list as AnyShape)
      const cursor = (await ask(app, '?limit=2&sort=-score')).page.next!
      expect(cursor).toMatch(form === 'signed' ? /^k1\./ : /^k2\./)
      statements.length = 0
      const refused = async (text: string): Promise<void> => {
        const { status, errors } = await ask(app, `?limit=2&sort=-score&after=${encodeURIComponent(text)}`)
        expect([text, status, errors?.[0]?.code]).toEqual([text, 400, 'invalid-cursor'])
      }
      const flipped = (at: number, bit: number): string =>
        `${cursor.slice(0, at)}${String.fromCharCode(cursor.charCodeAt(at) ^ (1 << bit))}${cursor.slice(at + 1)}`
      for (let at = 0; at < cursor.length; at++) for (let bit = 0; bit < 7; bit++) await refused(flipped(at, bit))
      // Of the bytes behind the letters as well.
      const [version, middle, end] = cursor.split('.') as [string, string, string]
      for (const part of [middle, end]) {
        const bytes = Buffer.from(part, 'base64url')
        for (let at = 0; at < bytes.length * 8; at++) {
          const other = Buffer.from(bytes)
          other[at >> 3]! ^= 1 << (at & 7)
          const text = other.toString('base64url')
          await refused(part === middle ? `${version}.${text}.${end}` : `${version}.${middle}.${text}`)
        }
      }
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ maxLength: 300 }),
            fc.tuple(fc.nat(cursor.length), fc.nat(cursor.length)).map(([a, b]) => cursor.slice(a, b)),
            fc
              .tuple(fc.nat(cursor.length), fc.string({ minLength: 1, maxLength: 5 }))
              .map(([at, more]) => cursor.slice(0, at) + more + cursor.slice(at)),
          ),
          async (text) => {
            if (text === cursor || text === 'start' || /^k\d{1,3}\.[^.]+\.[^.]+$/.test(text)) return
            await refused(text)
          },
        ),
        { numRuns: 300 },
      )
      expect(statements).toEqual([])
    }))
