import type { AnyElysia } from 'elysia'
import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import type { AnyShape } from '../../../plugins/shaping/index.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { blogApp, fillBlog, postList, tables } from './blog.ts'
import { appOf, fill, noteList, notes } from './fixture.ts'
import { patience, property } from './property.ts'
import { numbers, Queries } from './queries.ts'

/** Seconds, as a guard against hangs: no promise of speed. */
const guard = 5000

/** Asks and answers the status; a 500 and what takes too long are told with the query. */
async function asked(app: AnyElysia, path: string, query: string): Promise<number> {
  const from = performance.now()
  const response = await app.handle(new Request(`http://localhost${path}?${query}`))
  const body = await response.text()
  const told = { query: query.slice(0, 2000), body: body.slice(0, 500) }
  if (response.status !== 200) {
    expect({ ...told, refused: [400, 414].includes(response.status) }).toMatchObject({ refused: true })
    expect(JSON.parse(body)).toMatchObject({ status: response.status, code: expect.stringMatching(/^KWIK_/) })
  }
  expect({ ...told, late: performance.now() - from > guard }).toMatchObject({ late: false })
  return response.status
}

interface Fuzzed {
  readonly app: AnyElysia
  readonly path: string
  readonly list: AnyShape
}
async function fuzzedIn(db: Database): Promise<Fuzzed[]> {
  await fillBlog(db)
  await fill(
    db,
    [1, 2, 3, 4, 5].map((id) => ({ id, body: id % 2 === 0 ? null : `body ${id}`, score: id, tags: ['a', `${id}`] })),
  )
  return [
    { app: appOf(db), path: '/notes', list: noteList },
    { app: blogApp(db), path: '/posts', list: postList as AnyShape },
  ]
}
const onBoth = (name: string, run: (fuzzed: readonly Fuzzed[]) => Promise<void>): void => {
  const all = [notes, ...tables]
  test(`${name} (SQLite)`, () => withDatabase('SQLite in memory', all, async (db) => run(await fuzzedIn(db))), patience)
  withPostgres.test(
    `${name} (PostgreSQL)`,
    () => withDatabase('PostgreSQL', all, async (db) => run(await fuzzedIn(db))),
    patience,
  )
}

onBoth('no query made of the declaration, right or nearly right, is a 500', async (fuzzed) => {
  const statuses = new Map<number, number>()
  await property(fc.integer(), 300, async (seed) => {
    for (const { app, path, list } of fuzzed) {
      const queries = new Queries(list, numbers(seed))
      for (let at = 0; at < 25; at++) {
        const status = await asked(app, path, queries.next())
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
  })
  // Fuzzing that only ever hears no says nothing of what comes behind the parser.
  expect(statuses.get(200)).toBeGreaterThan(1000)
  expect(statuses.get(400)).toBeGreaterThan(1000)
})

onBoth('no bytes are a 500', (fuzzed) =>
  property(fc.uint8Array({ maxLength: 400 }), 200, async (bytes) => {
    const encoded = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const plain = new TextDecoder('latin1').decode(bytes).replaceAll('#', '')
    for (const { app, path } of fuzzed)
      for (const query of [
        encoded,
        plain,
        `where=${encoded}`,
        `sort=${plain}`,
        `after=${encoded}`,
        `${plain}=${encoded}`,
      ])
        await asked(app, path, query)
  }),
)

const many = (text: string, times: number): string => text.repeat(times)
/** What would break a parser that calls itself, counts on few parameters or decodes twice. */
const abuse: Readonly<Record<string, readonly [query: string, status: readonly number[]]>> = {
  '10,000 open brackets': [`where=${many('(', 10_000)}`, [414]],
  '8,000 open brackets': [`where=${many('(', 8000)}`, [400]],
  '2,000 times not': [`where=${many('not%20', 1300)}`, [400]],
  'brackets that close': [`where=${many('(', 2000)}id%20eq%201${many(')', 2000)}`, [400]],
  'brackets of a relation': [`where=${many('comments.any(', 600)}`, [400]],
  'brackets in a name': [`id${many('[a]', 2000)}=1`, [400]],
  'dots in a name': [`${many('comments.any.', 600)}id=1`, [400]],
  'dots in expand': [`expand=${many('author.', 1000)}x`, [400]],
  'a megabyte': [`title=${many('x', 1_048_576)}`, [414]],
  'a megabyte of ampersands': [many('&', 1_048_576), [414]],
  '5,000 parameters': [many('a=1&', 5000), [414]],
  '2,000 parameters': [many('a=1&', 2000), [400]],
  '8,000 ampersands': [many('&', 8000), [200]],
  'thousands of items': [`id[in]=${many('1,', 4000)}1`, [400]],
  'thousands of sort keys': [`sort=${many('id,', 2600)}id`, [400]],
  'thousands of fields': [`fields=${many('id,', 2600)}id`, [200]],
  'quotes that never close': [`title[in]=${many('"', 2001)}`, [400]],
  'escapes that never end': [`where=title%20eq%20%22${many('%5C', 2500)}`, [400]],
  'a long number': [`score=${many('9', 8000)}`, [400]],
  'a long decimal': [`score=0.${many('0', 7900)}1`, [400]],
  'a lone percent': ['title=%', [400]],
  'half of a letter': ['title=%E0%A4%A', [400]],
  'an overlong slash': ['title=%c0%af', [400]],
  'half of a pair': ['title=%ED%A0%80', [400]],
  'a NUL': ['title=%00', [400]],
  'encoded twice': ['title=%2525', [200]],
  'an encoded ampersand': ['title=%26sort%3Dnope', [200]],
  'an encoded name': ['%74%69%74%6c%65=x', [200]],
  'a wrong name, encoded': ['%5f%5fproto%5f%5f=1', [400]],
}

onBoth('abuse of the grammar is refused at once', async (fuzzed) => {
  for (const [name, [query, wanted]] of Object.entries(abuse))
    for (const { app, path } of fuzzed) {
      const status = await asked(app, path, query)
      expect([name, path, wanted.includes(status), status]).toEqual([name, path, true, status])
    }
})

onBoth('names that every object has are no parameters, fields, keys or relations', async (fuzzed) => {
  const before = Object.getOwnPropertyNames(Object.prototype).sort()
  for (const word of [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    'isPrototypeOf',
  ])
    for (const { app, path } of fuzzed)
      for (const query of [
        `${word}=1`,
        `${word}[gte]=1`,
        `${word}[polluted]=1`,
        `id[${word}]=1`,
        `title[${word}]=x`,
        `sort=${word}`,
        `sort=-${word}`,
        `fields=${word}`,
        `count=${word}`,
        `expand=${word}`,
        `where=${word}%20eq%201`,
        `where=id%20${word}%201`,
        `${word}.any.id=1`,
        `comments.${word}.id=1`,
        `author.${word}=1`,
        `expand.${word}.limit=1`,
        `meta.${word}=1`,
        `tz=${word}`,
        `after=${word}`,
      ]) {
        expect([query, await asked(app, path, query)]).toEqual([query, 400])
      }
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})
