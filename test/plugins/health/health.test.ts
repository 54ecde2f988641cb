import { setTimeout as sleep } from 'node:timers/promises'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Principal } from '#core/scope'
import { describe, expect, test } from '#test'
import { type HealthOptions, health } from '../../../plugins/health/index.ts'
import { createLogger, logging } from '../../../plugins/logging/index.ts'
import { canary } from '../../canary.ts'

const lines: string[] = []
const quiet = logging({
  logger: createLogger({ write: (line) => void lines.push(line), format: 'json' }),
  access: false,
})
const made = (options?: HealthOptions): AnyElysia =>
  new Elysia()
    .use(core({ signals: false }))
    .use(quiet)
    .use(health(options))

async function ask(app: AnyElysia, path = '/health/ready') {
  const answer = await app.handle(new Request(`http://localhost${path}`))
  return [answer.status, await answer.json(), answer.headers.get('cache-control')]
}

describe('health', () => {
  test('says that the process lives and that the app is ready, to anybody, in a strict app', async () => {
    const app = made()
    expect(await ask(app, '/health/live')).toEqual([200, { status: 'ok' }, 'no-store'])
    expect(await ask(app)).toEqual([200, { status: 'ok', checks: {} }, 'no-store'])
    expect((await app.handle(new Request('http://localhost/health/ready', { method: 'HEAD' }))).status).toBe(200)
  })

  test('works without any other plugin', async () => {
    expect((await ask(new Elysia().use(health())))[0]).toBe(200)
  })

  test('is not ready when a check throws, rejects or answers false, and names it without the reason', async () => {
    const app = made({
      checks: {
        database: async () => true,
        redis: () => Promise.reject(new Error(`${canary} at redis://u:p@host`)),
        disk: () => {
          throw new Error(canary)
        },
        queue: () => false,
        nothing: () => undefined,
      },
    })
    const [status, body] = await ask(app)
    expect([status, body]).toEqual([
      503,
      { status: 'failed', checks: { database: 'ok', redis: 'failed', disk: 'failed', queue: 'failed', nothing: 'ok' } },
    ])
    expect((await ask(app, '/health/live'))[0]).toBe(200)
  })

  test('logs why once, and when it is well again', async () => {
    let well = false
    const app = made({
      checks: {
        store: () => {
          if (!well) throw new Error('no route to store')
        },
      },
    })
    lines.length = 0
    await ask(app)
    await ask(app)
    well = true
    await ask(app)
    await ask(app)
    expect(lines.map((line) => [JSON.parse(line).message, JSON.parse(line).trouble])).toEqual([
      ['the health check store fails', 'no route to store'],
      ['the health check store is well again', undefined],
    ])
  })

  test('does not wait for a check longer than the timeout, and does not start it again while it hangs', async () => {
    let calls = 0
    let release = (): void => {}
    const app = made({
      timeout: '50ms',
      checks: {
        slow: () => {
          calls++
          return new Promise<void>((done) => {
            release = done
          })
        },
      },
    })
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app)))
    expect(answers.every(([status]) => status === 503)).toBe(true)
    expect((await ask(app))[1]).toEqual({ status: 'failed', checks: { slow: 'failed' } })
    expect(calls).toBe(1)
    release()
    await sleep(0)
    const late = ask(app)
    await sleep(5)
    release()
    expect((await late)[0]).toBe(200)
    expect(calls).toBe(2)
  })

  test('runs a check once for all who ask at the same time', async () => {
    let calls = 0
    const app = made({
      checks: {
        one: async () => {
          calls++
          await sleep(5)
        },
      },
    })
    await Promise.all(Array.from({ length: 50 }, () => ask(app)))
    expect(calls).toBe(1)
  })

  test('is alive but not ready while the app drains', async () => {
    const app = made({ checks: { database: () => true } }).get('/slow', () => sleep(100).then(() => 'done'), {
      public: true,
    } as never)
    app.listen({ port: 0, hostname: '127.0.0.1' })
    const at = `http://127.0.0.1:${app.server!.port}`
    expect((await fetch(`${at}/health/ready`)).status).toBe(200)
    const slow = fetch(`${at}/slow`)
    await sleep(20)
    const stopped = stopGracefully(app, 2000)
    expect(await ask(app)).toEqual([503, { status: 'draining', checks: { database: 'ok' } }, 'no-store'])
    expect((await ask(app, '/health/live'))[0]).toBe(200)
    expect(await (await slow).text()).toBe('done')
    await stopped
  })

  test('tells why to who holds the permission, without secrets, and to nobody else', async () => {
    const caller = definePlugin<KwikPlugin<{}>, {}>({
      name: 'caller',
      options: {},
      keys: [],
      setup: () => ({
        authenticator: {
          way: 'bearer',
          authenticate: ({ request }): Principal | null => {
            const may = request.headers.get('x-may')
            return may === null ? null : { id: 'u', via: 'bearer', user: { id: 'u' }, permissions: new Set([may]) }
          },
        },
      }),
    })
    const app = new Elysia()
      .use(core({ signals: false }))
      .use(quiet)
      .use(caller)
      .use(
        health({
          details: 'health:read',
          checks: {
            database: () => true,
            store: () => Promise.reject(new Error(`no route to redis://app:${canary}@store:6379`)),
          },
        }),
      )
    const asked = async (may?: string) => {
      const request = new Request('http://localhost/health/ready', {
        headers: may === undefined ? {} : { 'x-may': may },
      })
      return (await app.handle(request)).json()
    }
    for (const may of [undefined, 'products:read'])
      expect(await asked(may)).toEqual({ status: 'failed', checks: { database: 'ok', store: 'failed' } })
    const { details } = await asked('health:*')
    expect(details.store).toMatchObject({ status: 'failed', reason: 'no route to redis://app:***@store:6379' })
    expect([details.database.status, typeof details.database.duration]).toEqual(['ok', 'number'])
    expect(() => health({ details: 'everything' })).toThrow('the name of a permission such as health:read')
  })

  test('with a timeout that is no duration is refused', () => {
    expect(() => health({ timeout: '1 second' as never })).toThrow('is no duration')
  })
})
