import { Elysia } from 'elysia'
import { kwik, openRedis } from 'kwik'
import { createTables, openDatabase } from 'kwik/database'
import { tokenTables } from 'kwik/tokens'
import { stopGracefully } from '#core/lifecycle'
import { describe, expect, sleep } from '#test'
import { accountPermissions, accountsService } from '../../../plugins/accounts/index.ts'
import { type RedisServer, redisServer } from '../../fixtures/redis-server.ts'
import { postgresDatabase, withPostgres, withRedis } from '../../services.ts'
import { accountTables, counting, quick, silent } from './app.ts'

/** One process of a fleet: PostgreSQL for the truth, Redis for the word that something is over. */
function node(url: string, redisUrl: string) {
  const database = openDatabase({ url, poolSize: 2 })
  const redis = openRedis({ url: redisUrl })
  const counted = counting(database)
  const accounts = accountsService(counted.db, { hashing: quick, logger: silent })
  const app = new Elysia()
    .use(
      kwik({
        database,
        redis,
        accounts,
        tokens: { secret: '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47' },
        logging: false,
        signals: false,
      }),
    )
    .get('/mine', () => 'ok', { auth: ['apiKey'] })
  const status = async (key: string): Promise<number> =>
    (await app.handle(new Request('http://localhost/mine', { headers: { 'x-api-key': key } }))).status
  const close = async (): Promise<void> => {
    await stopGracefully(app)
    await redis.close()
    await database.close()
  }
  return { database, accounts, status, asked: counted.asked, close }
}

async function fleet(
  run: (one: ReturnType<typeof node>, two: ReturnType<typeof node>, redis: RedisServer) => Promise<void>,
) {
  const [database, redis] = [await postgresDatabase(), await redisServer()]
  await redis.start()
  const nodes = [node(database.url, redis.url), node(database.url, redis.url)] as const
  try {
    await createTables(nodes[0].database, [...accountTables, ...tokenTables])
    await run(...nodes, redis)
  } finally {
    for (const each of nodes) {
      await each.close()
    }
    await redis.kill()
    await database.drop()
  }
}

async function twoKeys({ accounts }: ReturnType<typeof node>) {
  const admin = await accounts.createAdmin({ email: 'ann@example.com', password: 'correct horse battery' })
  const make = () => accounts.apiKeys.create(admin.id, { name: 'ci', scopes: [...accountPermissions] }, 'system')
  return { admin, keys: [await make(), await make()] as const }
}

/** Until the node answers without asking the database. */
async function believes({ status, asked }: ReturnType<typeof node>, key: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    expect(await status(key)).toBe(200)
    const before = asked()
    await status(key)
    if (asked() === before) return
    await sleep(50)
  }
  throw new Error('a key was never believed')
}

describe('two processes over PostgreSQL, with Redis', () => {
  if (!withRedis.available) return
  withPostgres.test(
    'a key that is believed there and ended here is refused there at once',
    () =>
      fleet(async (here, there) => {
        const { admin, keys } = await twoKeys(here)
        await believes(there, keys[0].key)
        await here.accounts.apiKeys.revoke(admin.id, keys[0].id, 'system')
        expect(await there.status(keys[0].key)).toBe(401)
        await believes(there, keys[1].key)
        await here.accounts.setRoles(
          (await here.accounts.createAdmin({ email: 'b@example.com', password: 'correct horse battery' })).id,
          ['admin'],
          'system',
        )
        await here.accounts.deactivateUser(admin.id, 'system')
        expect(await there.status(keys[1].key)).toBe(401)
      }),
    30_000,
  )

  withPostgres.test(
    'a key that is ended while Redis is gone is refused everywhere when that is acknowledged',
    () =>
      fleet(async (here, there, redis) => {
        const { admin, keys } = await twoKeys(here)
        await believes(there, keys[0].key)
        await redis.kill()
        await here.accounts.apiKeys.revoke(admin.id, keys[0].id, 'system')
        expect([await there.status(keys[0].key), await there.status(keys[1].key)]).toEqual([401, 200])
      }),
    30_000,
  )

  withPostgres.test(
    'a key that is ended while Redis answers nobody is refused everywhere when that is acknowledged',
    () =>
      fleet(async (here, there, redis) => {
        const { admin, keys } = await twoKeys(here)
        await believes(there, keys[0].key)
        redis.pause()
        await here.accounts.apiKeys.revoke(admin.id, keys[0].id, 'system')
        expect(await there.status(keys[0].key)).toBe(401)
        redis.resume()
        expect(await there.status(keys[0].key)).toBe(401)
      }),
    30_000,
  )
})
