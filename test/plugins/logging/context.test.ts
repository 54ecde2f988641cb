import { setTimeout as sleep } from 'node:timers/promises'
import { configure, reset, withContext } from '@logtape/logtape'
import { Elysia } from 'elysia'
import { afterEach, describe, expect, test } from '#test'
import { createLogger, getLogger, kwikSink, logging } from '../../../plugins/logging/index.ts'
import { logged } from './lines.ts'

const quiet = { category: ['logtape', 'meta'], lowestLevel: 'warning' as const }
const orders = getLogger(['app', 'orders'])
async function place(user: string): Promise<string> {
  await Promise.resolve()
  orders.info('order of {user}', { user })
  await new Promise((done) => setTimeout(done, Math.random() * 10))
  orders.info('order done', { owner: user })
  return user
}

afterEach(() => reset())

describe('a line logged anywhere', () => {
  test('says the request and the user it belongs to, in 500 parallel requests', async () => {
    const { ask, lines } = logged((app) =>
      app.get('/order', ({ request }) => place(request.headers.get('x-user')!), { auth: true } as never),
    )
    await Promise.all(
      Array.from({ length: 500 }, (_, n) => ask('/order', { headers: { 'x-user': `u${n}`, 'x-request-id': `r${n}` } })),
    )
    expect(lines().length).toBe(1500)
    for (const line of lines()) expect(line['requestId']).toBe(`r${String(line['userId']).slice(1)}`)
    const own = lines().filter((line) => line['logger'] === 'app.orders')
    expect(own.length).toBe(1000)
    for (const line of own)
      expect(line['owner'] ?? String(line['message']).slice('order of '.length)).toBe(line['userId'] as string)
  })

  test('says its request on a real socket too', async () => {
    const { app, lines } = logged((one) =>
      one.get('/order', ({ request }) => place(request.headers.get('x-user')!), { auth: true } as never),
    )
    app.listen({ port: 0, hostname: '127.0.0.1' })
    const at = `http://127.0.0.1:${app.server!.port}/order`
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        fetch(at, { headers: { 'x-user': `u${n}`, 'x-request-id': `r${n}` } }).then((answer) => answer.text()),
      ),
    )
    await app.stop(true)
    expect(lines().length).toBe(300)
    for (const line of lines()) expect(line['requestId']).toBe(`r${String(line['userId']).slice(1)}`)
    for (const line of lines()) expect(line['owner'] ?? line['userId']).toBe(line['userId'])
    expect(lines().find((line) => line['logger'] === 'kwik.access')!['address']).toBe('127.0.0.1')
  })

  test('in a stream says its request until the end', async () => {
    const { ask, lines } = logged((app) =>
      app.get(
        '/stream',
        async function* () {
          orders.info('first')
          yield 'a'
          await sleep(5)
          orders.info('second')
          yield 'b'
          await sleep(5)
          orders.info('third')
        },
        { public: true } as never,
      ),
    )
    const answers = await Promise.all(['s1', 's2'].map((id) => ask('/stream', { headers: { 'x-request-id': id } })))
    await Promise.all(answers.map((answer) => answer.text()))
    const own = lines().filter((line) => line['logger'] === 'app.orders')
    expect(own.map((line) => `${line['requestId']} ${line['message']}`).sort()).toEqual([
      's1 first',
      's1 second',
      's1 third',
      's2 first',
      's2 second',
      's2 third',
    ])
  })

  test('goes to the app of its request when two apps share a process, by the level of that app', async () => {
    const hear = (level: 'debug' | 'warning') =>
      logged(
        (app) =>
          app.get(
            '/x',
            () => {
              orders.debug('d')
              orders.warn('w')
              return 'ok'
            },
            { public: true } as never,
          ),
        { level, access: false },
      )
    const a = hear('debug')
    const b = hear('warning')
    await Promise.all([a.ask('/x'), b.ask('/x'), a.ask('/x')])
    expect(a.lines().map((line) => line['message'])).toEqual(['d', 'w', 'd', 'w'])
    expect(b.lines().map((line) => line['message'])).toEqual(['w'])
  })

  test('outside of requests goes to the app that started last', async () => {
    const a = logged((app) => app.get('/x', () => 'ok', { public: true } as never), { access: false })
    const b = logged((app) => app.get('/x', () => 'ok', { public: true } as never), { access: false })
    await a.ask('/x')
    await b.ask('/x')
    orders.info('alone')
    expect([a.lines().length, b.lines().map((line) => [line['message'], line['requestId']])]).toEqual([
      0,
      [['alone', undefined]],
    ])
  })

  test('carries what LogTape was given with withContext, and cannot write another request id', async () => {
    const { ask, lines } = logged(
      (app) =>
        app.get(
          '/x',
          () =>
            withContext({ batch: 7 }, () => {
              orders.info('in', { requestId: 'forged', level: 'fatal' })
              return 'ok'
            }),
          { public: true } as never,
        ),
      { access: false },
    )
    await ask('/x', { headers: { 'x-request-id': 'real' } })
    expect(lines()[0]).toMatchObject({
      batch: 7,
      requestId: 'real',
      level: 'info',
      requestId_: 'forged',
      level_: 'fatal',
    })
  })

  test('leaves a configuration of the program alone, and reaches the app through its own sink there', async () => {
    const heard: unknown[] = []
    await configure({
      sinks: { own: (record) => void heard.push(record.message[0]) },
      loggers: [{ category: 'app', sinks: ['own'], lowestLevel: 'info' }, quiet],
    })
    const a = logged(
      (app) =>
        app.get(
          '/x',
          () => {
            orders.info('one')
            return 'ok'
          },
          { public: true } as never,
        ),
      { access: false },
    )
    await a.ask('/x')
    expect([heard, a.lines()]).toEqual([['one'], []])
    await configure({
      reset: true,
      sinks: { kwik: kwikSink() },
      loggers: [{ category: 'app', sinks: ['kwik'], lowestLevel: 'info' }, quiet],
    })
    await a.ask('/x')
    expect(a.lines().map((line) => line['message'])).toEqual(['one'])
  })

  test('by core goes to the app too: an error with its stack, which the client never sees', async () => {
    const texts: string[] = []
    const app = new Elysia().use(logging({ write: (line) => void texts.push(line), format: 'json' })).get('/x', () => {
      throw new Error('disk is full', { cause: new Error('no space') })
    })
    const answer = await app.handle(new Request('http://localhost/x', { headers: { 'x-request-id': 'r' } }))
    expect(await answer.text()).not.toContain('disk')
    const [line] = texts.map((text) => JSON.parse(text))
    expect(line).toMatchObject({
      level: 'error',
      requestId: 'r',
      code: 'KWIK_INTERNAL',
      error: { message: 'disk is full', cause: { message: 'no space' } },
    })
    expect(line.error.stack).toContain('context.test.ts')
    expect(line).not.toHaveProperty('requestId_')
  })
})

describe('a logger', () => {
  test('of a level or format that does not exist is refused with the closest one', () => {
    expect(() => createLogger({ level: 'warn' as never })).toThrow(
      'level must be one of debug, info, warning, error, fatal, not "warn"',
    )
    expect(() => logging({ level: 'eror' as never })).toThrow('did you mean "error"?')
    expect(() => createLogger({ format: 'jsno' as never })).toThrow('did you mean "json"?')
  })
})
