import { Type as T } from '@sinclair/typebox'
import type { TableLike } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { type AnyShape, json, many, one, shape } from '../../../../plugins/shaping/index.ts'

const groups = defineTable('groups', (t) => ({
  id: t.uuid().primaryKey(),
  name: t.string(40),
  size: t.bigint().nullable(),
}))
/** A field of every type that lists know. */
const things = defineTable('things', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(80),
  body: t.text().nullable(),
  mail: t.email().nullable(),
  link: t.url().nullable(),
  status: t.enum('draft', 'live', 'Gone').nullable(),
  score: t.int().nullable(),
  views: t.bigint().nullable(),
  price: t.decimal(10, 2).nullable(),
  exact: t.decimal(18, 6).nullable(),
  weight: t.float().nullable(),
  published: t.bool().nullable(),
  day: t.date().nullable(),
  at: t.datetime().nullable(),
  owner: t.uuid().nullable(),
  tags: t.list('string'),
  numbers: t.list('int').nullable(),
  meta: t.json().nullable(),
  secret: t.string(40).nullable(),
  groupId: t.ref(() => groups).nullable(),
  ...t.softDelete(),
}))
const parts = defineTable('parts', (t) => ({
  id: t.bigint().primaryKey(),
  name: t.string(40),
  kind: t.enum('small', 'large'),
  score: t.int().nullable(),
  cost: t.decimal(8, 3).nullable(),
  made: t.datetime(),
  tenant: t.enum('home', 'away'),
  thingId: t.ref(() => things, { key: 'int' }),
  groupId: t.ref(() => groups).nullable(),
}))

const groupList = shape(groups, { filter: { id: true, name: true, size: true }, sort: { keys: ['name', 'size'] } })
const partList: AnyShape = shape(parts, {
  filter: { id: true, name: true, kind: true, score: true, cost: true, made: true },
  sort: { keys: ['score', 'cost', 'made', 'kind', 'group.size'], default: '-score', nulls: 'first' },
  fields: { hidden: ['tenant'] },
  relations: { group: one(groupList, 'groupId'), thing: one(() => thingList, 'thingId') },
  scope: ({ request }) => ({ tenant: request.headers.get('x-tenant') ?? 'home' }),
})
/** Declared with everything that a field can be asked for. */
export const thingList: AnyShape = shape(things, {
  filter: {
    id: true,
    title: true,
    body: true,
    mail: true,
    link: true,
    status: true,
    score: true,
    views: true,
    price: true,
    exact: true,
    weight: true,
    published: true,
    day: true,
    at: true,
    owner: true,
    tags: true,
    numbers: true,
    groupId: true,
    meta: json({ age: T.Number(), 'theme.color': T.String(), on: T.Boolean() }),
  },
  sort: {
    keys: [
      ...([
        'title',
        'status',
        'score',
        'views',
        'price',
        'exact',
        'weight',
        'published',
        'day',
        'at',
        'owner',
      ] as const),
      ...(['group.name', 'group.size'] as const),
    ],
    nulls: 'last',
  },
  fields: { hidden: ['secret'] },
  relations: {
    group: one(groupList, 'groupId'),
    parts: many(partList, 'thingId', { limit: { default: 2, max: 9 } }),
    twins: many(() => thingList, 'groupId', { to: 'groupId', limit: { default: 1, max: 3 } }),
  },
  search: { fields: ['title', 'body'], index: 'scan' },
  limit: { default: 7, max: 100 },
})
export const thingTables: readonly TableLike[] = [groups, things, parts]
