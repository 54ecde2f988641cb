import { join } from 'node:path'
import { type AnyElysia, Elysia } from 'elysia'
import { openRedis } from '#core/adapters/redis'
import { stopGracefully } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, sleep, test } from '#test'
import { defineTable, generateMigration, migrate } from '../../../plugins/database/index.ts'
import { defineSettings, kwikSettings, T } from '../../../plugins/settings/index.ts'
import { kwik } from '../../../src/index.ts'
import { redisServer } from '../../fixtures/redis-server.ts'
import { both, inFolder, withRedis } from '../../services.ts'
import { folder, write } from '../settings/folder.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string() }))
/** Whoever sends a credential may do anything. */
const guarded = definePlugin<KwikPlugin<{}>, object>({
  name: 'caller',
  options: {},
  keys: [],
  setup: () => ({
    authenticator: {
      way: 'bearer',
      authenticate: ({ request }) =>
        request.headers.has('authorization')
          ? { id: 'u', via: 'bearer', user: { id: 'u' }, permissions: new Set(['*']) }
          : null,
    },
  }),
})
const silent = { write: () => {} }

async function ready(platform: AnyElysia) {
  const app = new Elysia().use(platform)
  const ask = async () => {
    const answer = await app.handle(new Request('http://localhost/health/ready'))
    return [answer.status, ((await answer.json()) as { checks: Record<string, string> }).checks]
  }
  return { app, ask }
}

describe('a platform is ready', () => {
  both('when its migrations have run', [], async (db) =>
    inFolder(async (folder) => {
      const migrations = join(folder, 'migrations')
      await generateMigration({ tables: [notes], folder: migrations, name: 'notes' })
      const { ask } = await ready(kwik({ database: db, logging: silent, signals: false, health: { migrations } }))
      expect(await ask()).toEqual([503, { database: 'ok', migrations: 'failed' }])
      await migrate(db, { folder: migrations })
      expect(await ask()).toEqual([200, { database: 'ok', migrations: 'ok' }])
    }),
  )

  test('while its settings are good', async () => {
    let good = true
    const { ask } = await ready(kwik({ logging: silent, signals: false, health: { settings: () => good } }))
    expect(await ask()).toEqual([200, { settings: 'ok' }])
    good = false
    expect(await ask()).toEqual([503, { settings: 'failed' }])
  })

  test('while settings wait for a restart, and names them to who may know, without their values', async () => {
    const dir = folder({ 'config/base.yaml': 'server: { port: 4001 }' })
    const settings = defineSettings(T.Object({ ...kwikSettings }), { dir, env: {}, args: [], secretsDir: false })
    const platform = kwik({ settings, logging: silent, signals: false, health: { details: 'health:read' } })
    const app = new Elysia().use(platform).use(guarded)
    const asked = async (headers: Record<string, string>) =>
      (await app.handle(new Request('http://localhost/health/ready', { headers }))).json()
    const known = { authorization: 'Bearer anything' }
    expect(await asked(known)).toEqual({ status: 'ok', checks: {}, details: {}, pending: [] })
    write(dir, 'config/base.yaml', 'server: { port: 4002 }\ntokens: { secret: 0123456789-0123456789-0123456789 }')
    await settings.reload()
    const text = JSON.stringify(await asked(known))
    expect(JSON.parse(text)).toEqual({
      status: 'ok',
      checks: {},
      details: {},
      pending: ['server.port', 'tokens.secret'],
    })
    expect(await asked({})).toEqual({ status: 'ok', checks: {} })
    write(dir, 'config/base.yaml', 'server: { port: 4001 }')
    await settings.reload()
    expect((await asked(known)).pending).toEqual([])
    await stopGracefully(app)
  })

  withRedis.test('without Redis, unless it needs it', async () => {
    const server = await redisServer()
    await server.start()
    const redis = openRedis({ url: server.url, deadline: '2s' })
    // The first connection takes its time on a busy machine.
    for (let n = 0; n < 50 && !(await redis.ping()); n++) await sleep(50)
    const needs = await ready(kwik({ redis, logging: silent, signals: false, health: { redis: true } }))
    const copes = await ready(kwik({ redis, logging: silent, signals: false }))
    expect(await needs.ask()).toEqual([200, { redis: 'ok' }])
    await server.kill()
    expect([await needs.ask(), await copes.ask()]).toEqual([
      [503, { redis: 'failed' }],
      [200, {}],
    ])
    await redis.close()
    await stopGracefully(needs.app)
  })

  test('is not a thing that can be asked of what it has not', () => {
    expect(() => kwik({ health: { redis: true } })).toThrow('needs kwik({ redis })')
    expect(() => kwik({ health: { migrations: './migrations' } })).toThrow('needs kwik({ database })')
  })
})
