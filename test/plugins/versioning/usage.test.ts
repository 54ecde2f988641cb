import { Elysia } from 'elysia'
import { kwik, stopGracefully } from 'kwik'
import { Meter } from 'kwik/metrics'
import { databaseUsage, memoryUsage, type UsageStore, versionTables } from 'kwik/versioning'
import { describe, expect, test } from '#test'
import { both } from '../../services.ts'
import { authenticatedBy } from './caller.ts'
import { ask, clockAt, list, made } from './invoices.ts'

const appWith = (usage: UsageStore, more: object = {}) =>
  new Elysia()
    .use(kwik({ versions: made({ usage, ...more }), logging: { write() {} }, signals: false }))
    .use(authenticatedBy({ id: '7' }))
    .get('/a', () => 'a', { auth: true })
    .get('/b/:id', () => 'b', { public: true })

describe('usage', () => {
  test('is counted by day, version, route and client', async () => {
    const clock = clockAt('2026-10-01')
    const usage = memoryUsage()
    const app = appWith(usage, { clock })
    await ask(app as never, 'GET /a', '1')
    await ask(app as never, 'GET /b/4', '1')
    await ask(app as never, 'GET /b/5', '1')
    clock.set('2026-10-02')
    await ask(app as never, 'GET /a', '*/*')
    await ask(app as never, 'GET /nowhere', '1')
    const one = { version: '1', client: 'user:7', day: '2026-10-01' }
    expect(await usage.read()).toEqual([
      { ...one, route: 'GET /a', requests: 1 },
      { ...one, route: 'GET /b/:id', requests: 2 },
      { ...one, version: '2', day: '2026-10-02', route: 'GET /a', requests: 1 },
    ])
    expect(await usage.read('2026-10-02')).toHaveLength(1)
  })
  test('is measured by version, route and whether it is deprecated, and the counter of the app is told all the same', async () => {
    const told: object[] = []
    const meter = new Meter()
    const releases = [list[0]!, { ...list[1]!, deprecated: '2026-09-01' }, list[2]!]
    const api = made({ list: releases, onRequest: (facts: object) => void told.push(facts) })
    const app = new Elysia()
      .use(kwik({ versions: api, metrics: { meter }, logging: { write() {} }, signals: false }))
      .get('/b/:id', () => 'b', { public: true })
      .get('/old', () => 'old', { public: true, deprecated: { since: '2026-01-01' } })
    const asked = ['2 /b/4', '2 /b/5', '3 /b/4', '3 /old', '2 /nowhere', '3 /elsewhere', '9 /b/4']
    for (const one of asked) {
      const [version, path] = one.split(' ')
      await ask(app as never, `GET ${path}`, version)
    }
    const counter = [...meter.instruments()].find(({ name }) => name === 'kwik.api.requests')!
    const said = (version: string, deprecated: boolean, route?: string) => ({
      'kwik.api.version': version,
      'kwik.api.deprecated': deprecated,
      ...(route !== undefined && { 'http.route': route }),
    })
    expect([...counter.points()]).toEqual([
      { labels: said('2', true, '/b/:id'), value: 2 },
      { labels: said('3', false, '/b/:id'), value: 1 },
      { labels: said('3', true, '/old'), value: 1 },
      { labels: said('2', true), value: 1 },
      { labels: said('3', false), value: 1 },
    ])
    expect(told).toHaveLength(4)
  })

  test('a counter of the app is told version, route and whether it is deprecated, never who asks', async () => {
    const told: object[] = []
    const deprecated = [list[0]!, { ...list[1]!, deprecated: '2026-09-01' }, list[2]!]
    const app = appWith(memoryUsage(), { list: deprecated, onRequest: (facts: object) => void told.push(facts) })
    await ask(app as never, 'GET /a', '2')
    await ask(app as never, 'GET /a', '3')
    expect(told).toEqual([
      { version: '2', route: 'GET /a', deprecated: true },
      { version: '3', route: 'GET /a', deprecated: false },
    ])
  })
})

both('usage is kept in the database, where processes count together', versionTables, async (database) => {
  const clock = clockAt('2026-10-01')
  const [here, there] = [databaseUsage(database), databaseUsage(database)]
  const [first, second] = [appWith(here, { clock }), appWith(there, { clock })]
  for (const app of [first, first, second]) await ask(app as never, 'GET /a', '1')
  expect(await here.read()).toEqual([])
  await Promise.all([here.flush(), there.flush()])
  const one = { day: '2026-10-01', version: '1', route: 'GET /a', client: 'user:7' }
  expect(await here.read()).toEqual([{ ...one, requests: 3 }])
  // What is not stored yet is stored when the app stops.
  await ask(first as never, 'GET /a', '1')
  await stopGracefully(first as never)
  expect(await there.read('2026-10-01')).toEqual([{ ...one, requests: 4 }])
  expect(await there.read('2026-10-02')).toEqual([])
})

both('a database that does not take usage loses none of it, and fails no request', [], async (database) => {
  const { createTables } = await import('kwik/database')
  const warnings: string[] = []
  const logger = { warning: (text: string) => void warnings.push(text) } as never
  const usage = databaseUsage(database, { logger })
  expect((await ask(appWith(usage) as never, 'GET /a', '1')).status).toBe(200)
  await usage.flush()
  expect(warnings).toEqual(['the usage of versions could not be stored: it is tried again'])
  await createTables(database, versionTables)
  await usage.flush()
  expect(await usage.read()).toHaveLength(1)
})
