import { Elysia } from 'elysia'
import { core } from '#core/access'
import { Deadlines } from '#core/deadlines'
import { describe, expect, sleep, test } from '#test'

describe('requests that must be answered in time', () => {
  test('are told in the order they came when the time is over', async () => {
    const told: string[] = []
    const line = new Deadlines(20)
    line.enter(() => told.push('a'))
    line.enter(() => told.push('b'))
    await sleep(60)
    expect(told).toEqual(['a', 'b'])
  })

  test('are not told when they left: the first, the last, or one between', async () => {
    const told: string[] = []
    const line = new Deadlines(20)
    const [a, , c, , e] = ['a', 'b', 'c', 'd', 'e'].map((name) => line.enter(() => told.push(name)))
    for (const one of [c, a, e]) line.leave(one!)
    await sleep(60)
    expect(told).toEqual(['b', 'd'])
  })

  test('are told also when those before them left', async () => {
    const told: string[] = []
    const line = new Deadlines(60)
    const early = line.enter(() => told.push('early'))
    await sleep(40)
    line.enter(() => told.push('late'))
    line.leave(early)
    await sleep(120)
    expect(told).toEqual(['late'])
  })

  test('may come when nobody was there for a while', async () => {
    const told: string[] = []
    const line = new Deadlines(10)
    line.leave(line.enter(() => told.push('left')))
    await sleep(30)
    line.enter(() => told.push('back'))
    await sleep(40)
    expect(told).toEqual(['back'])
  })
})

describe('a handler that takes too long is told, also', () => {
  const later = async (): Promise<void> => sleep(1)
  const make = (hooked: (app: Elysia) => unknown, after: (app: Elysia) => unknown = () => {}) => {
    const app = new Elysia()
    hooked(app)
    const platform = app.use(core({ signals: false, timeout: '30ms' }))
    after(app)
    return platform.get('/', ({ request }) => sleep(500).then(() => request.method), { public: true })
  }
  for (const [name, app] of [
    ['below an asynchronous onRequest hook', make((one) => one.onRequest(later))],
    ['above one', make(later, (one) => one.onRequest(later))],
    ['below an asynchronous hook before it', make((one) => one.onBeforeHandle({ as: 'global' }, later))],
  ] as const)
    test(name, async () => {
      for (const method of ['GET', 'HEAD'])
        expect((await app.handle(new Request('http://localhost/', { method }))).status).toBe(503)
    })
})
