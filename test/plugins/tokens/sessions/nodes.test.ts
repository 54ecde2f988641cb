import { openRedis } from '#core/adapters/redis'
import type { Redis } from '#core/ports/redis'
import { afterAll, beforeAll, describe, expect, sleep, test } from '#test'
import { type Database, openDatabase } from '../../../../plugins/database/index.ts'
import { stopGracefully } from '../../../../src/core/lifecycle.ts'
import { type RedisServer, redisServer } from '../../../fixtures/redis-server.ts'
import { type TcpProxy, tcpProxy } from '../../../fixtures/tcp-proxy.ts'
import { withDatabase, withPostgres, withRedis } from '../../../services.ts'
import { bearer, claimsOf, House, type Tokens, tables } from './house.ts'

/** Servers of one app: each has its own connections, and knows of the others by the database and Redis alone. */
interface Nodes {
  readonly here: House
  readonly there: House
  readonly bob: string
}

const believes = async ({ there, bob }: Nodes): Promise<boolean> => there.accounts.principals.peek?.(bob) !== undefined

/** Until a server believes what it has read: its line to Redis stands by then. */
async function believing(nodes: Nodes, token: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    expect(await nodes.there.try(token)).toBe(200)
    if (await believes(nodes)) return
    await sleep(20)
  }
  throw new Error('the other server never believed anything')
}

/** What ends on one server, and what another answers right after it was told that it ended. */
const endings: Record<string, readonly [(nodes: Nodes, tokens: Tokens) => Promise<unknown>, number]> = {
  'signing out': [({ here }, { accessToken }) => here.ask('POST', '/auth/logout', bearer(accessToken)), 401],
  'signing out everywhere': [
    ({ here }, { accessToken }) => here.ask('POST', '/auth/logout-all', bearer(accessToken)),
    401,
  ],
  'a refresh token used twice': [
    async ({ here }, { refreshToken }) => {
      const second = await here.refresh(refreshToken)
      await here.refresh(second.body.refreshToken)
      expect((await here.refresh(refreshToken)).status).toBe(401)
    },
    401,
  ],
  'a token that is blacklisted': [
    ({ here }, { accessToken }) => here.sessions.blacklist.add(claimsOf(accessToken).jti),
    401,
  ],
  'a disabled user': [({ here, bob }) => here.accounts.deactivateUser(bob, 'system'), 401],
  'a new password': [({ here, bob }) => here.accounts.updateUser(bob, { password: 'a long new word' }, 'system'), 401],
  'roles that were taken': [({ here, bob }) => here.accounts.setRoles(bob, [], 'system'), 403],
  'a role that grants no more': [
    async ({ here }) => {
      const { data } = await here.accounts.listRoles()
      await here.accounts.setPermissions(data[0]!.id, [], 'system')
    },
    403,
  ],
  'a role that was switched off': [
    async ({ here }) => {
      const { data } = await here.accounts.listRoles()
      await here.accounts.updateRole(data[0]!.id, { isActive: false }, 'system')
    },
    403,
  ],
}

async function servers(
  url: string,
  redis: readonly [Redis, Redis] | undefined,
  run: (nodes: Nodes) => Promise<void>,
): Promise<void> {
  const databases: Database[] = [openDatabase({ url }), openDatabase({ url })]
  const [here, there] = databases.map((db, at) => new House(db, redis ? { redis: redis[at]! } : {})) as [House, House]
  try {
    await run({ here, there, bob: await here.person() })
  } finally {
    await stopGracefully(here.app, 0)
    await stopGracefully(there.app, 0)
    for (const one of redis ?? []) await one.close()
    for (const db of databases) await db.close()
  }
}

describe('two servers without Redis', () => {
  for (const kind of ['SQLite file', 'PostgreSQL'] as const)
    for (const [name, [end, status]] of Object.entries(endings)) {
      const run = () =>
        withDatabase(kind, tables, (_, url) =>
          servers(url, undefined, async (nodes) => {
            const tokens = await nodes.here.login()
            for (let i = 0; i < 3; i++) expect(await nodes.there.try(tokens.accessToken)).toBe(200)
            expect(await believes(nodes)).toBe(kind === 'SQLite file')
            await end(nodes, tokens)
            expect(await nodes.there.try(tokens.accessToken)).toBe(status)
          }),
        )
      const title = `${name} counts on the other at once (${kind})`
      if (kind === 'SQLite file') test(title, run)
      else withPostgres.test(title, run)
    }
})

withPostgres.describe('two servers with Redis', () => {
  withRedis.describe('of our own', () => {
    let server: RedisServer
    let line: TcpProxy
    beforeAll(async () => {
      server = await redisServer()
      await server.start()
      line = await tcpProxy(server.url)
    })
    afterAll(async () => {
      await line.close()
      server.resume()
      await server.kill()
    })

    /** The other server hears by a line that can be cut; what it says goes another way. */
    const pair = (): readonly [Redis, Redis] => {
      const [here, there, lines] = [server.url, server.url, line.url].map((url) => openRedis({ url }))
      return [here!, { ...there!, subscribe: (channels, subscriber) => lines!.subscribe!(channels, subscriber) }]
    }
    const running = (run: (nodes: Nodes) => Promise<void>): Promise<void> =>
      withDatabase('PostgreSQL', tables, (_, url) => servers(url, pair(), run))

    for (const [name, [end, status]] of Object.entries(endings))
      test(`${name} counts on the other at once`, () =>
        running(async (nodes) => {
          const tokens = await nodes.here.login()
          await believing(nodes, tokens.accessToken)
          await end(nodes, tokens)
          expect(await nodes.there.try(tokens.accessToken)).toBe(status)
        }))

    const troubles: Record<string, { readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown> }> = {
      'whose line is cut': { begin: async () => line.cut(), end: async () => line.mend() },
      'whose line was cut behind its back': { begin: async () => line.cutFarEnd(), end: async () => {} },
      'on whose line nothing comes any more': { begin: async () => line.stall(), end: async () => line.mend() },
      'while Redis is stopped in its tracks': {
        begin: async () => server.pause(),
        end: async () => server.resume(),
      },
      'after Redis was killed': { begin: () => server.kill(), end: () => server.start() },
      'after Redis was killed and is back, empty': {
        begin: async () => {
          await server.kill()
          await server.start()
        },
        end: async () => {},
      },
      'whose line was cut behind its back, in an emptied Redis': {
        begin: async () => {
          line.cutFarEnd()
          const redis = openRedis({ url: server.url })
          await redis.run(['FLUSHALL'])
          await redis.close()
        },
        end: async () => {},
      },
    }
    for (const [name, trouble] of Object.entries(troubles))
      for (const ending of ['signing out', 'roles that were taken'])
        test(`${ending} counts on the other ${name}, once it is acknowledged`, () =>
          running(async (nodes) => {
            const tokens = await nodes.here.login()
            await believing(nodes, tokens.accessToken)
            const [end, status] = endings[ending]!
            await trouble.begin()
            try {
              await end(nodes, tokens)
              expect(await nodes.there.try(tokens.accessToken)).toBe(status)
              // And when everything is well again.
              await trouble.end()
              for (let i = 0; i < 5; i++) {
                expect(await nodes.there.try(tokens.accessToken)).toBe(status)
                await sleep(100)
              }
            } finally {
              await trouble.end()
            }
          }))

    test('a server goes on without Redis, and believes again when it is back', () =>
      running(async (nodes) => {
        const { accessToken } = await nodes.here.login()
        await believing(nodes, accessToken)
        await server.kill()
        for (let i = 0; i < 100 && (await believes(nodes)); i++) await sleep(20)
        expect([await nodes.there.try(accessToken), await believes(nodes)]).toEqual([200, false])
        await server.start()
        await believing(nodes, accessToken)
      }))

    test('a server that was started while Redis was down asks the database', async () => {
      await server.kill()
      try {
        await running(async (nodes) => {
          const tokens = await nodes.here.login()
          expect([await nodes.there.try(tokens.accessToken), await believes(nodes)]).toEqual([200, false])
          await nodes.here.ask('POST', '/auth/logout', bearer(tokens.accessToken))
          expect(await nodes.there.try(tokens.accessToken)).toBe(401)
        })
      } finally {
        await server.start()
      }
    })
  })
})
