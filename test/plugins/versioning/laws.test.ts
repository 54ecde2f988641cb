import { Elysia, t } from 'elysia'
import { defineTable } from 'kwik/database'
import { checkVersions } from 'kwik/testing'
import { type Change, type ChangeWords, change, type Instruction, versions } from 'kwik/versioning'
import { describe, expect, test } from '#test'
import { made, platformOf } from './invoices.ts'

const seed = Number(process.env['KWIK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const runs = process.env['KWIK_LONG'] === '1' ? 2000 : 100
const check = (api: Parameters<typeof checkVersions>[0], more: object = {}) =>
  checkVersions(api, { runs, seed, ...more })

const Address = t.Object({ street: t.String(), city: t.String() }, { title: 'Address' })
const Order = t.Object(
  {
    id: t.Integer(),
    placedAt: t.String({ format: 'date-time' }),
    state: t.Union([t.Literal('open'), t.Literal('done'), t.Literal('lost')]),
    total: t.Number({ multipleOf: 1 }),
    tags: t.Array(t.String()),
    owner: t.Union([t.String(), t.Null()]),
    address: Address,
    lines: t.Array(t.Object({ sku: t.String(), count: t.Integer({ minimum: 1 }) }, { title: 'Line' })),
    note: t.Optional(t.Union([t.String(), t.Null()])),
    width: t.Integer(),
    height: t.Integer(),
  },
  { title: 'Order' },
)
const Line = Order.properties.lines.items

const apiOf = (...changes: readonly (Change | readonly Change[])[]) =>
  versions({
    vendor: 'kwik',
    list: [
      ...changes.map((one, at) => ({
        v: String(changes.length + 1 - at),
        released: `2026-0${9 - at}-01`,
        changes: [one].flat(),
      })),
      { v: '1', released: '2025-01-01' },
    ],
  })
const changed = (say: (c: ChangeWords) => readonly Instruction[]): Change => change('x', say)

describe('every primitive holds its laws on generated values', () => {
  const primitives: Readonly<Record<string, (c: ChangeWords) => readonly Instruction[]>> = {
    rename: (c) => [c.schema(Order).rename('date', 'placedAt'), c.schema(Line).rename('article', 'sku')],
    addField: (c) => [c.schema(Order).addField('width', { default: 1 }), c.schema(Order).addField('note')],
    removeField: (c) => [c.schema(Order).removeField('colour', { was: t.String(), default: 'grey' })],
    'removeField of an object': (c) => [
      c.schema(Order).removeField('billing', { was: Address, default: { street: '', city: '' } }),
    ],
    wrap: (c) => [c.schema(Order).wrap('tag', 'tags')],
    unwrap: (c) => [c.schema(Order).unwrap('owners', 'owner')],
    nest: (c) => [c.schema(Order).nest('address', ['street', 'city'])],
    'nest of some': (c) => [c.schema(Order).nest('address', ['street'])],
    hoist: (c) => [c.schema(Order).hoist('size', ['width', 'height'])],
    mapEnum: (c) => [c.schema(Order).mapEnum('state', { new: 'open', closed: 'done' })],
    'mapEnum with words that are new and gone': (c) => [
      c.schema(Order).mapEnum('state', { new: 'open' }, { added: { lost: 'done' }, removed: { paid: 'done' } }),
    ],
    retype: (c) => [
      c.schema(Order).retype('total', {
        was: t.String({ pattern: '^-?(0|[1-9]\\d{0,6})$' }),
        up: (text: string) => Number(text) + 0,
        down: String,
        lossy: true,
      }),
    ],
    'functions of your own': (c) => [
      c
        .schema(Order)
        .field('size')
        .existedAs(t.Tuple([t.Integer(), t.Integer()])),
      c.schema(Order).field('width').didntExist(),
      c.schema(Order).field('height').didntExist(),
      c.up(Order, ({ size: [width, height], ...rest }: { size: [number, number] }) => ({ ...rest, width, height })),
      c.down(Order, ({ width, height, ...rest }: { width: number; height: number }) => ({
        ...rest,
        size: [width, height],
      })),
    ],
  }
  for (const [name, say] of Object.entries(primitives)) test(name, () => check(apiOf(changed(say))))

  test('a table, and the routes of a resource: bodies of changes, lists, items of many', async () => {
    const { kwik } = await import('kwik')
    const { resource } = await import('kwik/resources')
    const { openDatabase } = await import('kwik/database')
    const things = defineTable('things', (t) => ({
      id: t.int().primaryKey(),
      title: t.string(40),
      state: t.enum('open', 'done').default('open'),
      price: t.decimal(10, 2).nullable(),
      madeAt: t.datetime(),
    }))
    const api = apiOf(
      changed((c) => [
        c.schema(things).mapEnum('state', { new: 'open' }),
        c.schema(things).addField('madeAt', { default: '2026-01-01T00:00:00.000Z' }),
      ]),
      changed((c) => [
        c.schema(things).rename('label', 'title'),
        c.schema(things).removeField('colour', { was: t.String(), default: 'grey' }),
      ]),
    )
    const database = openDatabase({ url: 'sqlite::memory:' })
    const app = new Elysia()
      .use(kwik({ database, versions: api, logging: { write() {} }, signals: false }))
      .use(resource('things', { table: things, permissions: false, bulk: {}, list: { sort: { keys: ['title'] } } }))
    await check(api, { app })
    await database.close()
  })
  test('the API of these tests', () => check(made()))
})

describe('changes of several versions are one way', () => {
  test('two changes on one field in consecutive versions compose (v1 -> v3 in one pass)', async () => {
    const { ask } = await import('./invoices.ts')
    const { migrationCounts } = await import('kwik/versioning')
    const Invoice = t.Object(
      { createdAt: t.String(), lines: t.Array(t.Object({ n: t.Integer() }, { title: 'L' })) },
      { title: 'I' },
    )
    const api = apiOf(
      changed((c) => [
        c.schema(Invoice).rename('madeAt', 'createdAt'),
        c.schema(Invoice.properties.lines.items).rename('count', 'n'),
      ]),
      changed((c) => [
        c.schema(Invoice).rename('date', 'madeAt'),
        c.schema(Invoice.properties.lines.items).rename('amount', 'count'),
      ]),
    )
    const app = new Elysia()
      .use(platformOf(api as never))
      .post('/i', ({ body }) => body, { public: true, body: Invoice, response: Invoice })
    const sent = { date: 'x', lines: [{ amount: 1 }, { amount: 2 }] }
    expect((await ask(app, 'POST /i', '1', sent)).body).toEqual(sent)
    expect((await ask(app, 'POST /i', '2', { madeAt: 'x', lines: [{ count: 1 }] })).body).toEqual({
      madeAt: 'x',
      lines: [{ count: 1 }],
    })
    expect(migrationCounts(api)).toEqual({ up: 2, down: 2 })
    await check(api)
  })
  test('an object that moves takes the changes of what stands in it along', async () => {
    const api = apiOf(
      changed((c) => [c.schema(Order).hoist('size', ['width', 'height']), c.schema(Order).nest('address', ['city'])]),
      changed((c) => [c.schema(Address).rename('road', 'street'), c.schema(Order).rename('date', 'placedAt')]),
      changed((c) => [c.schema(Order).removeField('billing', { was: Address, default: { road: '', city: '' } })]),
    )
    await check(api)
  })
})

describe('a change that does not hold its laws is told', () => {
  const fault = async (say: (c: ChangeWords) => readonly Instruction[]): Promise<string> => {
    try {
      await check(apiOf(changed(say)))
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  test('lossy must be declared', async () => {
    const first = (lossy: boolean) => (c: ChangeWords) => [
      c.schema(Order).field('names').existedAs(t.Array(t.String())),
      c.schema(Order).field('owner').didntExist(),
      c.up(Order, ({ names, ...rest }: { names: string[] }) => ({ ...rest, owner: names[0] ?? null })),
      c.down(
        Order,
        ({ owner, ...rest }: { owner: string | null }) => ({ ...rest, names: owner === null ? [] : [owner] }),
        { lossy },
      ),
    ]
    const message = await fault(first(false))
    expect(message).toContain('Order, changes of version 2, down(up(x)) = x')
    expect(message).toContain('say { lossy: true }')
    expect(message).toContain(`seed: ${seed}`)
    expect(await fault(first(true))).toBe('none')
  })
  test('what is lowered must fit the older schema, and what is lifted the newer', async () => {
    expect(
      await fault((c) => [
        c
          .schema(Order)
          .retype('total', { was: t.Integer({ minimum: 0 }), up: (one) => one, down: (one) => one, lossy: true }),
      ]),
    ).toContain('Order, changes of version 2, down: it became')
    expect(await fault((c) => [c.schema(Order).removeField('colour', { was: t.String(), default: 7 })])).toContain(
      '/colour',
    )
    expect(await fault((c) => [c.schema(Order).addField('width')])).toContain('up: it became')
  })
})
