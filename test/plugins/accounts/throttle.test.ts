import { openRedis } from '#core/adapters/redis'
import type { Database } from '#core/ports/database'
import type { Redis } from '#core/ports/redis'
import { afterAll, beforeAll, describe, expect, sleep, test } from '#test'
import { accountsService, type PasswordHashing } from '../../../plugins/accounts/index.ts'
import { redisServer } from '../../fixtures/redis-server.ts'
import { both, randomName, redisUrl, withDatabase, withRedis } from '../../services.ts'
import { type Answer, accountTables, Office, password, quick } from './app.ts'

const second = 1000
const shown = ({ status, headers }: Answer) => [status, headers.get('retry-after')]

/** An app with a clock that is ours, and how many hashes it made. */
function officeOf(db: Database, more: ConstructorParameters<typeof Office>[1] = {}) {
  const clock = { at: Date.now() }
  const hashed = { times: 0 }
  const hashing: PasswordHashing = {
    ...quick,
    verify: (word, hash) => {
      hashed.times++
      return quick.verify(word, hash)
    },
  }
  const office = new Office(db, { hashing, clock: { now: () => clock.at }, ...more })
  return { office, clock, hashed }
}

describe('wrong passwords', () => {
  both('make the next try from the same place wait, longer each time', accountTables, async (db) => {
    const { office, clock, hashed } = officeOf(db)
    await office.person('ann@example.com')
    for (let at = 0; at < 6; at++)
      expect((await office.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
    const waits: unknown[] = []
    for (let at = 0; at < 12; at++) {
      const held = await office.login('ann@example.com', password, '10.0.0.1')
      expect([held.status, held.body.code]).toEqual([429, 'KWIK_ACCOUNTS_THROTTLED'])
      waits.push(Number(held.headers.get('retry-after')))
      clock.at += Number(held.headers.get('retry-after')) * second
      expect((await office.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
    }
    // From the eleventh on the account itself waits up to a minute; this place waits up to a quarter of an hour.
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
    expect(hashed.times).toBe(18)
    clock.at += 900 * second
    expect((await office.login('ann@example.com', password, '10.0.0.1')).status).toBe(200)
  })

  both('on one account from many places make all new places wait, and no known one', accountTables, async (db) => {
    const { office, clock } = officeOf(db)
    await office.person('ann@example.com')
    expect((await office.login('ann@example.com', password, '192.0.2.7')).status).toBe(200)
    const waits: number[] = []
    for (let at = 0; at < 20; at++) {
      const answer = await office.login('ann@example.com', 'not it', `10.0.${at}.1`)
      if (answer.status === 401) continue
      expect(answer.status).toBe(429)
      waits.push(Number(answer.headers.get('retry-after')))
      clock.at += waits.at(-1)! * second
      expect((await office.login('ann@example.com', 'not it', `10.0.${at}.1`)).status).toBe(401)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    expect(shown(await office.login('ann@example.com', password, '203.0.113.5'))).toEqual([429, '60'])
    expect((await office.login('ann@example.com', password, '192.0.2.7')).status).toBe(200)
    // What is known is a place and its owner: others there are not let through to this account any faster.
    expect((await office.login('ann@example.com', 'not it', '192.0.2.7')).status).toBe(401)
    expect(shown(await office.login('ann@example.com', password, '203.0.113.5'))).toEqual([429, '60'])
  })

  both('are told alike for an address that nobody has, and cost no hash meanwhile', accountTables, async (db) => {
    const { office, hashed } = officeOf(db)
    await office.person('ann@example.com')
    const seen: unknown[][] = []
    for (const email of ['ann@example.com', 'nobody@example.com']) {
      const answers: Answer[] = []
      for (let at = 0; at < 8; at++) answers.push(await office.login(email, 'not it', '10.0.0.1'))
      seen.push(answers.map(({ status, body, headers }) => [status, body, [...headers]]))
    }
    expect(seen[0]).toEqual(seen[1])
    expect(seen[0]!.map((row) => (row as unknown[])[0])).toEqual([401, 401, 401, 401, 401, 401, 429, 429])
    expect(hashed.times).toBe(12)
    expect(office.events.filter(({ type }) => type === 'login.failed').map(({ details }) => details)).toContainEqual({
      reason: 'throttled',
    })
  })

  both('that come at once are no more than those that come one by one', accountTables, async (db) => {
    const { office, hashed } = officeOf(db)
    await office.person('ann@example.com')
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => office.login('ann@example.com', 'not it', '10.0.0.1')),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(34)
    expect(hashed.times).toBe(6)
  })

  both('are counted by account, however it is spelled, and by network', accountTables, async (db) => {
    const { office } = officeOf(db)
    await office.person('ann@example.com')
    await office.person('bob@example.com')
    const spellings = ['ann@example.com', ' ANN@example.com', 'Ann@Example.COM']
    for (let at = 0; at < 6; at++) await office.login(spellings[at % 3]!, 'not it', `2001:db8:0:1::${at + 1}`)
    expect((await office.login('ann@example.com', password, '2001:db8:0:1::ffff')).status).toBe(429)
    expect((await office.login('ann@example.com', password, '2001:db8:0:2::1')).status).toBe(200)
    expect((await office.login('bob@example.com', password, '2001:db8:0:1::1')).status).toBe(200)
  })

  both('are forgotten here after a right one, and everywhere after an hour', accountTables, async (db) => {
    const { office, clock } = officeOf(db)
    await office.person('ann@example.com')
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 3; at++)
        expect((await office.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
      expect((await office.login('ann@example.com', password, '10.0.0.1')).status).toBe(200)
    }
    for (let at = 0; at < 6; at++) await office.login('ann@example.com', 'not it', '10.0.0.2')
    expect((await office.login('ann@example.com', password, '10.0.0.2')).status).toBe(429)
    clock.at += 3601 * second
    expect((await office.login('ann@example.com', 'not it', '10.0.0.2')).status).toBe(401)
    expect((await office.login('ann@example.com', password, '10.0.0.2')).status).toBe(200)
  })
})

both('a try that nobody judged does not count', accountTables, async (db) => {
  const { office } = officeOf(db)
  await office.person('ann@example.com')
  for (let at = 0; at < 30; at++) expect((await office.login('ann@example.com', 'x'.repeat(1025))).status).toBe(422)
  expect((await office.login('ann@example.com')).status).toBe(200)
})

both('an app can leave guessers to the limits of its routes', accountTables, async (db) => {
  const { office } = officeOf(db, { throttle: false })
  await office.person('ann@example.com')
  for (let at = 0; at < 20; at++) expect((await office.login('ann@example.com', 'not it')).status).toBe(401)
  expect((await office.login('ann@example.com')).status).toBe(200)
})

test('a throttle that cannot be is refused', () =>
  withDatabase('SQLite in memory', accountTables, async (db) => {
    for (const throttle of [
      { network: { free: 0 } },
      { account: { first: '2m' } },
      { network: { longest: '0s' } },
    ] as const)
      expect(() => accountsService(db, { throttle })).toThrow('throttle.')
  }))

withRedis.describe('wrong passwords in Redis', () => {
  let redis: Redis
  beforeAll(() => {
    redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
  })
  const keys = async () => (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
  const clean = async () => {
    const all = await keys()
    if (all.length > 0) await redis.run(['DEL', ...all])
  }
  afterAll(async () => {
    await clean()
    await redis.close()
  })
  const onSqlite = (name: string, run: (db: Database) => Promise<void>) =>
    test(name, async () => {
      await clean()
      await withDatabase('SQLite in memory', accountTables, run)
    })

  onSqlite('are counted for all processes, and addresses stay out of it', async (db) => {
    const [one, two] = [new Office(db, { hashing: quick, redis }), new Office(db, { hashing: quick, redis })]
    await one.person('ann@example.com')
    for (let at = 0; at < 6; at++)
      expect((await [one, two][at % 2]!.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
    for (const office of [one, two])
      expect(shown(await office.login('ann@example.com', password, '10.0.0.1'))).toEqual([429, '1'])
    expect((await two.login('ann@example.com', password, '10.0.0.2')).status).toBe(200)
    expect(await keys()).toHaveLength(2)
    expect(JSON.stringify(await keys())).not.toContain('ann')
    for (const key of await keys()) {
      const left = Number(await redis.run(['PTTL', key]))
      expect([key, left > 3_500_000 && left <= 3_602_000]).toEqual([key, true])
    }
  })

  onSqlite('that come at once over two processes are counted exactly', async (db) => {
    const offices = [new Office(db, { hashing: quick, redis }), new Office(db, { hashing: quick, redis })]
    await offices[0]!.person('ann@example.com')
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => offices[at % 2]!.login('ann@example.com', 'not it', '10.0.0.1')),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(6)
  })

  onSqlite('make all wait longer, and are forgotten where the right one came from', async (db) => {
    const throttle = {
      network: { free: 1, first: '40ms' },
      account: { free: 2, first: '60ms', longest: '60ms' },
    } as const
    const office = new Office(db, { hashing: quick, redis, throttle })
    await office.person('ann@example.com')
    expect((await office.login('ann@example.com', password, '192.0.2.7')).status).toBe(200)
    for (const peer of ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
      expect((await office.login('ann@example.com', 'not it', peer)).status).toBe(401)
    expect((await office.login('ann@example.com', password, '10.0.0.4')).status).toBe(429)
    expect((await office.login('ann@example.com', password, '192.0.2.7')).status).toBe(200)
    await sleep(80)
    expect((await office.login('ann@example.com', password, '10.0.0.4')).status).toBe(200)
  })

  test('are counted by each process for itself while Redis is away', async () => {
    const server = await redisServer()
    await server.start()
    const own = openRedis({ url: server.url, deadline: '200ms' })
    const lines: string[] = []
    const logger = {
      debug() {},
      info: (message: string) => void lines.push(message),
      warning: (message: string) => void lines.push(message),
      error() {},
    }
    try {
      await withDatabase('SQLite in memory', accountTables, async (db) => {
        const office = new Office(db, { hashing: quick, redis: own, logger })
        await office.person('ann@example.com')
        expect((await office.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
        await server.kill()
        for (let at = 0; at < 6; at++)
          expect((await office.login('ann@example.com', 'not it', '10.0.0.1')).status).toBe(401)
        expect(shown(await office.login('ann@example.com', password, '10.0.0.1'))).toEqual([429, '1'])
        expect(lines.filter((line) => line.includes('each process counts'))).toHaveLength(1)
        await server.start()
        for (let at = 0; at < 100 && !(await own.ping()); at++) await sleep(20)
        expect((await office.login('ann@example.com', password, '10.0.0.2')).status).toBe(200)
        expect(lines.filter((line) => line.includes('Redis answers again'))).toHaveLength(1)
      })
    } finally {
      await own.close()
      await server.kill()
    }
  })
})
