import { bigint, integer, pgSchema, primaryKey, serial, uuid, varchar } from 'drizzle-orm/pg-core'
import { primaryKey as keyOf, sqliteTable, integer as whole, text as words } from 'drizzle-orm/sqlite-core'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import { createTables } from '../../../plugins/database/index.ts'
import { type AnyShape, many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { keys, type Statement, watched } from './fixture.ts'

async function ask(db: Database, list: AnyShape, query: string): Promise<Record<string, unknown>[]> {
  const app = new Elysia()
    .use(core({ database: db, signals: false }))
    .use(shaping({ keys }))
    .get('/rows', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
  const answer = await app.handle(new Request(`http://localhost/rows?${query}`))
  const body = (await answer.json()) as { data: Record<string, unknown>[] }
  expect({ status: answer.status, body: answer.status === 200 ? {} : body }).toEqual({ status: 200, body: {} })
  return body.data
}

const [first, second] = ['018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2b', '018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2c']
const values = {
  uuid: [first, second],
  string: ['it\'s "quoted", {x} \\', 'é'],
  int: [-5, 7],
  bigint: [9_007_199_254_740_993n, -9_223_372_036_854_775_808n],
} as const

for (const kind of ['uuid', 'string', 'int', 'bigint'] as const) {
  const parents = defineTable('parents', (t) => ({ id: t[kind]().primaryKey(), name: t.string() }))
  const children = defineTable('children', (t) => ({
    id: t.int().primaryKey(),
    rank: t.int().nullable(),
    parentId: t.ref('parents', { key: kind }).nullable(),
  }))
  both(`relations by keys of type ${kind} are followed both ways`, [parents, children], async (db) => {
    const [a, b] = values[kind]
    await db.drizzle.insert(parents.for(db)).values([
      { id: a, name: 'A' },
      { id: b, name: 'B' },
    ] as never)
    await db.drizzle.insert(children.for(db)).values([
      { id: 1, rank: 2, parentId: a },
      { id: 2, rank: null, parentId: a },
      { id: 3, rank: 1, parentId: a },
      { id: 4, rank: 1, parentId: b },
      { id: 5, rank: 1, parentId: null },
    ] as never)
    const parentList = shape(parents, { filter: { name: true } })
    const childList = shape(children, {
      filter: { rank: true },
      sort: { keys: ['rank'], default: '-rank' },
      relations: { parent: one(parentList) },
    })
    const withChildren = shape(parents, { sort: { keys: ['name'] }, relations: { children: many(childList) } })
    const found = await ask(
      db,
      withChildren,
      'sort=name&expand=children&expand.children.limit=2&expand.children.fields=id',
    )
    expect(found.map((row) => row['children'])).toEqual([
      { data: [{ id: 1 }, { id: 3 }], hasMore: true },
      { data: [{ id: 4 }], hasMore: false },
    ])
    const up = await ask(db, childList, 'expand=parent&expand.parent.fields=name&fields=id&sort=rank')
    const names = up.map((row) => [row['id'], (row['parent'] as { name: string } | null)?.name])
    expect(names).toEqual([
      [3, 'A'],
      [4, 'B'],
      [5, undefined],
      [1, 'A'],
      [2, 'A'],
    ])
    expect((await ask(db, childList, 'parent.name=A&sort=rank&fields=id')).map((row) => row['id'])).toEqual([3, 1, 2])
  })
}

const plain = pgSchema('plain')
withPostgres.test('plain PostgreSQL tables in a schema: serial keys, long keys, keys of two columns', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    const teams = plain.table('teams', {
      id: serial().primaryKey(),
      code: varchar({ length: 8 }).notNull().unique(),
      big: bigint({ mode: 'bigint' }).notNull(),
    })
    const members = plain.table(
      'members',
      {
        team: varchar({ length: 8 }).notNull(),
        person: uuid().notNull(),
        big: bigint({ mode: 'number' }),
        teamId: integer(),
      },
      (t) => [primaryKey({ columns: [t.team, t.person] })],
    )
    await db.execute(`create schema plain;
      create table plain.teams(id serial primary key, code varchar(8) not null unique, big bigint not null);
      create table plain.members(team varchar(8) not null, person uuid not null, big bigint, "teamId" integer, primary key (team, person));
      insert into plain.teams(code, big) values ('red', 9007199254740991), ('blue', 2);
      insert into plain.members values ('red', '${first}', 9007199254740991, 1), ('red', '${second}', 2, 2), ('blue', '${first}', 2, 1)`)
    const memberList = shape(members, { filter: { person: true }, sort: { keys: ['person'] } })
    const list = shape(teams, {
      sort: { keys: ['id'] },
      fields: { default: ['id'] },
      relations: {
        byCode: many(memberList, 'team', { to: 'code' }),
        byId: many(memberList, 'teamId'),
        byBig: many(memberList, 'big', { to: 'big' }),
      },
    })
    const rows = await ask(
      db,
      list,
      'sort=id&expand=byCode,byId,byBig&expand.byCode.fields=person&expand.byId.fields=team,person&expand.byBig.fields=team&expand.byCode.limit=1',
    )
    expect(rows).toEqual([
      {
        id: 1,
        byCode: { data: [{ person: first }], hasMore: true },
        byId: {
          data: [
            { team: 'blue', person: first },
            { team: 'red', person: first },
          ],
          hasMore: false,
        },
        byBig: { data: [{ team: 'red' }], hasMore: false },
      },
      {
        id: 2,
        byCode: { data: [{ person: first }], hasMore: false },
        byId: { data: [{ team: 'red', person: second }], hasMore: false },
        byBig: { data: [{ team: 'blue' }, { team: 'red' }], hasMore: false },
      },
    ])
    expect(await ask(db, list, `byCode.any.person=${second}`)).toEqual([{ id: 1 }])
  }),
)

test('plain SQLite tables: keys of two columns, names that need quotes', () =>
  withDatabase('SQLite in memory', [], async (db) => {
    const decks = sqliteTable('my decks', { id: whole().primaryKey(), 'na"me': words('na"me').notNull() })
    const cards = sqliteTable(
      'order',
      { deck: whole('deck id').notNull(), n: whole().notNull(), face: words() },
      (t) => [keyOf({ columns: [t.deck, t.n] })],
    )
    await db.execute(`create table "my decks"(id integer primary key, "na""me" text not null);
    create table "order"("deck id" integer not null, n integer not null, face text, primary key ("deck id", n));
    insert into "my decks" values (1, 'a'), (2, 'b');
    insert into "order" values (1, 1, 'x'), (1, 2, null), (1, 3, 'y'), (2, 1, 'z')`)
    const cardList = shape(cards, { filter: { face: true }, sort: { keys: ['face', 'n'], default: ['face', '-n'] } })
    const list = shape(decks, { relations: { cards: many(cardList, 'deck') } })
    expect(await ask(db, list, 'expand=cards&expand.cards.limit=2&expand.cards.fields=n')).toEqual([
      { id: 1, 'na"me': 'a', cards: { data: [{ n: 1 }, { n: 3 }], hasMore: true } },
      { id: 2, 'na"me': 'b', cards: { data: [{ n: 1 }], hasMore: false } },
    ])
    expect(await ask(db, list, 'cards.every.face[null]=false&fields=id')).toEqual([{ id: 2 }])
  }))

both('days of rows that are two relations away are those of the zone that is asked for', [], async (db) => {
  const homes = defineTable('homes', (t) => ({ id: t.int().primaryKey(), built: t.datetime() }))
  const families = defineTable('families', (t) => ({
    id: t.int().primaryKey(),
    homeId: t.ref(() => homes, { key: 'int' }),
  }))
  const cats = defineTable('cats', (t) => ({
    id: t.int().primaryKey(),
    familyId: t.ref(() => families, { key: 'int' }),
  }))
  await createTables(db, [homes, families, cats])
  await db.drizzle.insert(homes.for(db)).values([
    { id: 1, built: new Date('2026-03-29T00:30:00Z') },
    { id: 2, built: new Date('2026-03-29T22:30:00Z') },
  ])
  for (const id of [1, 2]) {
    await db.drizzle.insert(families.for(db)).values({ id, homeId: id })
    await db.drizzle.insert(cats.for(db)).values({ id, familyId: id })
  }
  const homeList: AnyShape = shape(homes, { filter: { built: ['on'] } })
  const familyList: AnyShape = shape(families, { relations: { home: one(homeList) } })
  const catList: AnyShape = shape(cats, { relations: { family: one(familyList) } })
  const shown = async (list: AnyShape, query: string) => (await ask(db, list, query)).map((row) => row['id'])
  expect(await shown(familyList, 'home.built[on]=2026-03-29&tz=Europe/Rome')).toEqual([1])
  expect(await shown(catList, 'family.home.built[on]=2026-03-29')).toEqual([1, 2])
  expect(await shown(catList, 'family.home.built[on]=2026-03-29&tz=Europe/Rome')).toEqual([1])
  expect(await shown(catList, 'where=family.home.built on 2026-03-30&tz=Europe/Rome')).toEqual([2])
  const [, second] = await ask(db, catList, 'expand=family.home&expand.family.home.built[on]=2026-03-29&tz=Europe/Rome')
  expect(second).toMatchObject({ id: 2, family: { id: 2, home: null } })
  expect(Object.keys(catList.hook.query['properties'] as object)).toContain('tz')
})

const everything = defineTable('things', (t) => ({
  id: t.id(),
  at: t.datetime(),
  big: t.bigint(),
  price: t.decimal(18, 4),
  day: t.date(),
  on: t.bool(),
  meta: t.json().nullable(),
  tags: t.list('int'),
  boxId: t.ref('boxes'),
}))
const boxes = defineTable('boxes', (t) => ({ id: t.id(), name: t.string(), note: t.text().nullable() }))

both(
  'rows over a relation have the same values as in their own list, and only what is shown is selected',
  [boxes, everything],
  async (db) => {
    const thingList = shape(everything, {})
    const boxList = shape(boxes, { fields: { default: ['id'] }, relations: { things: many(thingList) } })
    await db.drizzle.insert(boxes.for(db)).values([{ id: first!, name: 'a' }])
    const thing = {
      big: 9_007_199_254_740_993n,
      price: '12345678901234.5678',
      day: '2024-02-29',
      on: true,
      tags: [1, 2],
    }
    await db.drizzle.insert(everything.for(db)).values([
      { ...thing, at: new Date('2026-01-01T00:00:00.123Z'), meta: { a: [1] }, boxId: first! },
      { ...thing, at: new Date(0), on: false, meta: null, boxId: first! },
    ])
    const statements: Statement[] = []
    const [box] = await ask(watched(db, statements), boxList, 'expand=things')
    expect((box!['things'] as { data: unknown[] }).data).toEqual(await ask(db, thingList, ''))
    expect(statements[0]!.text.slice(0, statements[0]!.text.indexOf(' from '))).toBe('select "boxes"."id"')
    statements.length = 0
    await ask(watched(db, statements), boxList, 'fields=name,things.day')
    expect(statements[0]!.text.slice(0, statements[0]!.text.indexOf(' from '))).toBe(
      'select "boxes"."name", "boxes"."id"',
    )
    expect(statements[1]!.text).not.toMatch(/price|meta|tags/)
  },
)
