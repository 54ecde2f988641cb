import { Elysia } from 'elysia'
import { kwik, stopGracefully } from 'kwik'
import { openDatabase } from 'kwik/database'
import { defineEvents } from 'kwik/events'
import { getLogger } from 'kwik/logging'
import { kwikTest } from 'kwik/testing'
import { record } from 'kwik/tracing'
import { afterAll, describe, expect, test as plain } from '#test'
import { canary } from '../canary.ts'

const database = openDatabase({ url: 'sqlite::memory:' })
const events = defineEvents<{ 'order.placed': { readonly id: string } }>()
const heard: string[] = []
events.on('order.placed', ({ id }) => void heard.push(id))
const log = getLogger(['shop'])
const platform = kwik({ database, events, signals: false, logging: { write: () => {}, level: 'debug' } })
const app = new Elysia().use(platform).post(
  '/orders/:id',
  async ({ params, db, events }) => {
    await db.tx(async () => {
      events.emit('order.placed', { id: params.id })
      await record('reserve', () => db.values('select 1'))
    })
    log.info('order {id} placed', { id: params.id, token: canary })
    return 'placed'
  },
  { public: true },
)
const test = kwikTest(app, { platform, traces: true })
// What OpenTelemetry has of the process is for the next file.
afterAll(() => stopGracefully(app))

describe('kwikTest hands out', () => {
  for (const id of ['a', 'b', 'c'])
    test.concurrent(`the lines, spans and events of its own test alone (${id})`, async ({
      client,
      log,
      traces,
      events,
    }) => {
      await client.post(`/orders/${id}`)
      expect(log.messages('shop')).toEqual([`order ${id} placed`])
      expect(log.lines.find((line) => line.logger === 'shop')).toMatchObject({ id, token: '***' })
      expect(log.access).toMatchObject([{ route: '/orders/:id', status: 200, queries: 1 }])
      expect(traces.tree()).toBe('POST /orders/:id\n  reserve\n    SELECT\n')
      expect(traces.span('POST /orders/:id')).toMatchObject({
        kind: 'server',
        failed: false,
        attributes: { 'http.route': '/orders/:id' },
      })
      expect(log.access[0]!['traceId']).toBe(traces.span('reserve').traceId)
      expect(() => traces.span('nothing')).toThrow('no span "nothing"; there are: SELECT, reserve, POST /orders/:id')
      expect(events).toEqual([{ name: 'order.placed', payload: { id } }])
      expect(heard).toEqual([])
    })
})

const other = kwik({ signals: false, logging: { write: () => {} } })
const otherTest = kwikTest(
  new Elysia().use(other).get('/', () => 'x', { public: true }),
  { platform: other },
)
otherTest('spans are made when they are asked for', async ({ client, traces, log }) => {
  await client.get('/')
  expect(log.access.length).toBe(1)
  expect(() => traces.spans).toThrow('spans are made with kwikTest(app, { platform, traces: true })')
})

plain('tracing that is asked for too late, or not at all, is told', async () => {
  const late = kwik({ signals: false, logging: { write: () => {} } })
  const lateApp = new Elysia().use(late).get('/', () => 'x', { public: true })
  await lateApp.handle(new Request('http://localhost/'))
  expect(() => kwikTest(lateApp, { platform: late, traces: true })).toThrow('call that first')
  const never = kwik({ signals: false, tracing: false })
  expect(() => kwikTest(new Elysia().use(never), { platform: never, traces: true })).toThrow('traces nothing')
})

const hearing = kwikTest(app, { platform, traces: true, listeners: true })
hearing('listeners hear of events where a test says so', async ({ client, events: collected }) => {
  await client.post('/orders/z')
  await events.settled()
  expect([heard, collected]).toEqual([['z'], []])
})
