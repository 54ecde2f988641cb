import { Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { change, versions } from 'kwik/versioning'
import { describe, expect, test } from '#test'
import { sending, told } from './app.ts'

const Order = t.Object({ number: t.Integer(), name: t.String() }, { title: 'Order' })
const named = change('Orders have a name', (c) => [c.schema(Order).rename('label', 'name')])

/** Orders in two versions, for tenants that the header X-Shop names. */
function shop(idempotency: object = {}) {
  let orders = 0
  const api = versions({
    vendor: 'kwik',
    default: '2',
    list: [
      { v: '2', released: '2026-01-10', changes: [named] },
      { v: '1', released: '2025-05-01' },
    ],
  })
  const platform = kwik({
    versions: api,
    tenant: { by: 'header', name: 'x-shop' },
    idempotency,
    logging: false,
    signals: false,
  })
  const app = new Elysia().use(platform).post('/orders', ({ body: { name } }) => ({ number: ++orders, name }), {
    public: true,
    idempotent: true,
    body: t.Object({ name: t.String() }),
    response: Order,
  })
  const send = sending(app)
  return async (headers: Record<string, string> = {}) =>
    told(await send('/orders', { as: '', key: 'k', body: { name: 'tea' }, headers }))
}
const version = (name: string) => ({ accept: `application/vnd.kwik.v${name}+json` })

describe('a key that comes again', () => {
  test('at another version of the API is of another request, and nobody gets a body of a version they do not speak', async () => {
    const ask = shop()
    expect(await ask(version('1'))).toEqual([200, 'first', { number: 1, label: 'tea' }])
    expect(await ask(version('2'))).toEqual([422, 'first', 'KWIK_IDEMPOTENCY_MISMATCH'])
    expect(await ask()).toEqual([422, 'first', 'KWIK_IDEMPOTENCY_MISMATCH'])
    expect(await ask(version('1'))).toEqual([200, 'true', { number: 1, label: 'tea' }])
  })

  test('with its version named or as the default is of the same request', async () => {
    const ask = shop()
    expect(await ask()).toEqual([200, 'first', { number: 1, name: 'tea' }])
    expect(await ask(version('2'))).toEqual([200, 'true', { number: 1, name: 'tea' }])
  })

  test('with a body of another version is of another request', async () => {
    const ask = shop()
    const written = (name: string) => ({
      ...version('2'),
      'content-type': `application/vnd.kwik+json; version=${name}`,
    })
    expect((await ask(written('2')))[0]).toBe(200)
    expect(await ask(written('1'))).toEqual([422, 'first', 'KWIK_IDEMPOTENCY_MISMATCH'])
    const spelled = { ...written('2'), 'content-type': 'application/vnd.kwik+json;charset=utf-8;VERSION="2"' }
    expect((await ask(spelled))[1]).toBe('true')
  })

  test('in another tenant is of another request, where the app has tenants share their keys', async () => {
    const ask = shop({ tenant: () => 'all' })
    expect((await ask({ 'x-shop': 'one' }))[0]).toBe(200)
    expect(await ask({ 'x-shop': 'two' })).toEqual([422, 'first', 'KWIK_IDEMPOTENCY_MISMATCH'])
    expect((await ask({ 'x-shop': 'one' }))[1]).toBe('true')
  })
})
