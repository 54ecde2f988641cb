import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openRedis } from '#core/adapters/redis'
import { afterAll, afterEach, beforeAll, describe, expect, sleep, test } from '#test'
import { openDatabase } from '../../../../plugins/database/index.ts'
import { stopGracefully } from '../../../../src/core/lifecycle.ts'
import { type RedisServer, redisServer } from '../../../fixtures/redis-server.ts'
import { both, withDatabase, withPostgres, withRedis } from '../../../services.ts'
import { accountTables, bearer, claimsOf, House, tables } from './house.ts'

describe('a server that dies', () => {
  const program = fileURLToPath(new URL('../../../fixtures/programs/refresh-and-die.ts', import.meta.url))
  const die = async (url: string, token: string): Promise<string | null> => {
    const flags =
      'Bun' in globalThis ? [] : ['run', '--allow-all', '--no-check', '--node-modules-dir=manual', '--no-lock']
    const child = spawn(process.execPath, [...flags, program, url, token], { stdio: 'ignore' })
    const [, signal] = await once(child, 'exit')
    return signal
  }
  const run = (kind: 'SQLite file' | 'PostgreSQL') =>
    withDatabase(kind, tables, async (db, url) => {
      const house = new House(db, { tokens: { refresh: { grace: '1m' } } })
      await house.person()
      const { refreshToken } = await house.login()
      expect(await die(url, refreshToken)).toBe('SIGKILL')
      const retry = await house.refresh(refreshToken)
      expect(retry.body.refreshToken).toContain('.2.')
      expect((await house.refresh(retry.body.refreshToken)).status).toBe(200)
    })
  test('between rotating and answering leaves a token that works again (SQLite file)', () => run('SQLite file'))
  withPostgres.test('between rotating and answering leaves a token that works again (PostgreSQL)', () =>
    run('PostgreSQL'),
  )
})

withPostgres.describe('two servers whose clocks differ by a minute', () => {
  const now = Date.now
  const at = async <T>(ahead: number, run: () => Promise<T>): Promise<T> => {
    Date.now = () => now() + ahead
    try {
      return await run()
    } finally {
      Date.now = now
    }
  }
  afterEach(() => {
    Date.now = now
  })

  for (const ahead of [60_000, -60_000, 3_600_000])
    test(`decide alike, with the other ${ahead / 1000} seconds ahead`, () =>
      withDatabase('PostgreSQL', tables, async (db, url) => {
        const other = openDatabase({ url })
        const [right, wrong] = [new House(db), new House(other)]
        try {
          await right.person()
          const first = await at(ahead, () => wrong.login())
          expect(await right.try(first.accessToken)).toBe(200)
          expect(Math.abs(claimsOf(first.accessToken).iat - now() / 1000)).toBeLessThan(30)
          const second = await right.refresh(first.refreshToken)
          expect(await at(ahead, () => wrong.try(second.body.accessToken))).toBe(200)
          // Within the grace by the database's clock, whatever the other's says.
          const again = await at(ahead, () => wrong.refresh(first.refreshToken))
          expect(again.body.refreshToken).toBe(second.body.refreshToken)
          const third = await at(ahead, () => wrong.refresh(second.body.refreshToken))
          expect(await right.try(third.body.accessToken)).toBe(200)
          expect(third.body.refreshExpiresIn).toBe(14 * 86_400)
        } finally {
          await other.close()
        }
      }))
})

withRedis.describe('without the Redis that is configured', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await redisServer()
    await server.start()
  })
  afterAll(() => server.kill())

  both('the policy `deny` answers 503 to everybody with a token, and is not ready', tables, async (db) => {
    const redis = openRedis({ url: server.url })
    const house = new House(db, { redis, tokens: { onSessionStoreDown: 'deny' } })
    try {
      await house.person()
      const { accessToken } = await house.login()
      for (let i = 0; i < 50 && (await house.try(accessToken)) === 503; i++) await sleep(20)
      expect(await house.try(accessToken)).toBe(200)
      expect((await house.ask('GET', '/health/ready')).status).toBe(200)
      await server.kill()
      for (let i = 0; i < 200 && (await house.try(accessToken)) === 200; i++) await sleep(20)
      const answer = await house.ask('GET', '/products', bearer(accessToken))
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'KWIK_UNAVAILABLE',
        '1',
      ])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      const ready = await house.ask('GET', '/health/ready')
      expect([ready.status, ready.body.checks.sessions]).toEqual([503, 'failed'])
      expect((await house.ask('GET', '/products')).status).toBe(401)
      await server.start()
      for (let i = 0; i < 200 && (await house.try(accessToken)) === 503; i++) await sleep(20)
      expect(await house.try(accessToken)).toBe(200)
    } finally {
      await server.kill()
      await server.start()
      await stopGracefully(house.app, 0)
      await redis.close()
    }
  })

  both('the policy `db` goes on, and who was signed out stays out', tables, async (db) => {
    const redis = openRedis({ url: server.url })
    const house = new House(db, { redis })
    try {
      await house.person()
      const [kept, left] = [await house.login(), await house.login()]
      await house.ask('POST', '/auth/logout', bearer(left.accessToken))
      await server.kill()
      expect([await house.try(kept.accessToken), await house.try(left.accessToken)]).toEqual([200, 401])
      expect((await house.refresh(kept.refreshToken)).status).toBe(200)
      expect((await house.refresh(left.refreshToken)).status).toBe(401)
      expect((await house.ask('GET', '/health/ready')).status).toBe(200)
    } finally {
      await server.start()
      await stopGracefully(house.app, 0)
      await redis.close()
    }
  })
})

describe('an app whose database has no table of sessions yet', () => {
  both('says what is missing, and what to do', accountTables, async (db) => {
    const house = new House(db)
    const bob = await house.person()
    await expect(house.begin({ id: bob, tokenVersion: 1 })).rejects.toThrow(
      'the table sessions is missing: add tokenTables to the app',
    )
    expect(
      (await house.ask('POST', '/auth/refresh', {}, { refreshToken: `krt_${'a'.repeat(22)}.1.${'b'.repeat(43)}` }))
        .status,
    ).toBe(500)
    const without = new House(db, { tokens: { sessions: false } })
    const answer = await without.ask(
      'POST',
      '/auth/login',
      {},
      { email: 'bob@example.com', password: 'correct horse battery' },
    )
    expect([answer.status, answer.body.refreshToken]).toEqual([200, undefined])
    expect(await without.try(answer.body.accessToken)).toBe(200)
    expect((await without.ask('POST', '/auth/refresh', {}, {})).status).toBe(404)
  })
})
