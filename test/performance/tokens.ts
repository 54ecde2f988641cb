#!/usr/bin/env bun
/**
 * What it costs to check an access token of a session: CPU microseconds of this process, for each place where its truth can be.
 *
 *     bun test/performance/tokens.ts
 */
import { join } from 'node:path'
import { jwtVerify } from 'jose'
import { Scope } from '#core/scope'
import { accountsService, accountTables } from '../../plugins/accounts/index.ts'
import { createTables, openDatabase } from '../../plugins/database/index.ts'
import { bearerAuthenticator } from '../../plugins/tokens/authenticator.ts'
import { deriveKey, sessionService, tokenService, tokenTables } from '../../plugins/tokens/index.ts'
import { courtOfSessions, Recognition } from '../../plugins/tokens/recognition.ts'
import { keeperOf } from '../../plugins/tokens/sessions/service.ts'
import { openRedis } from '../../src/core/adapters/redis.ts'
import { redisAnnouncements } from '../../src/core/adapters/redis-announcements.ts'
import { inFolder, postgresDatabase, randomName, redisUrl, withPostgres, withRedis } from '../services.ts'

const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
const rounds = 5
const goals = { first: 30, again: 3 } as const

type Run = () => unknown
interface Row {
  readonly where: string
  readonly first: number
  readonly again: number
}

/** The best of some rounds: what other programs of the machine take is no cost of ours. */
async function cost(times: number, make: () => Promise<readonly Run[]> | readonly Run[]): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const whole = await spent(times, await make())
    best = Math.min(best, whole - (await spent(times, [() => undefined])))
  }
  return best
}

/** Each request is a turn of its own: what is shared within a turn is shared with nobody here. */
async function spent(times: number, runs: readonly Run[]): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) await runs[i % runs.length]!()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / times
}

async function measured(where: string, url: string, prefix?: string): Promise<Row> {
  const database = openDatabase({ url })
  const redis = prefix === undefined ? undefined : openRedis({ url: redisUrl, prefix })
  const announcements = redis && redisAnnouncements(redis)
  await createTables(database, [...accountTables, ...tokenTables])
  const accounts = accountsService(database, {
    believedFor: '1h',
    ...(announcements && { announcements }),
    hashing: { hash: async (word) => word, verify: async () => true },
  })
  const { id } = await accounts.createUser({ email: 'bob@example.com', password: 'correct horse' }, 'system')
  const sessions = keeperOf(
    sessionService(database, {
      secret,
      principals: accounts.principals,
      believedFor: '1h',
      ...(announcements && { announcements }),
    }),
  )
  await announcements?.ready(2000)
  const { sessionId } = await sessions.begin(new Scope(new Request('http://localhost/')), { id, tokenVersion: 1 })
  const service = tokenService({ secret })
  const scopeWith = async () => {
    const { token } = await service.issue({ id, tokenVersion: 1, sessionId })
    return new Scope(new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } }))
  }
  const authenticator = (remember = 100_000) =>
    bearerAuthenticator(new Recognition('bearer', sessions, courtOfSessions(sessions), remember))
  const warm = await scopeWith()
  await authenticator().authenticate(warm)
  const one = authenticator()
  await one.authenticate(warm)
  if ((await one.authenticate(warm)) instanceof Error) throw new Error('the token is not taken')
  const many = 2000
  const row = {
    where,
    again: await cost(100_000, () => [() => one.authenticate(warm)]),
    first: await cost(many, async () => {
      const scopes = await Promise.all(Array.from({ length: many }, scopeWith))
      const fresh = authenticator()
      return scopes.map((scope) => () => fresh.authenticate(scope))
    }),
  }
  await announcements?.close()
  await redis?.close()
  await database.close()
  return row
}

/** The same checks of a signature and its claims, by jose. */
async function joseAlone(): Promise<number> {
  const key = await crypto.subtle.importKey(
    'raw',
    deriveKey(secret, 'access'),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  )
  const { token } = await tokenService({ secret }).issue({ id: 'ann', tokenVersion: 1, sessionId: crypto.randomUUID() })
  const rules = { algorithms: ['HS256'], typ: 'at+jwt', issuer: 'kwik', audience: 'kwik' }
  return cost(10_000, () => [() => jwtVerify(token, key, rules)])
}

const jose = await joseAlone()
const rows: Row[] = [await measured('SQLite in memory', 'sqlite::memory:')]
rows.push(await inFolder((folder) => measured('SQLite file', `sqlite:${join(folder, 'bench.sqlite')}`)))
if (withPostgres.available && withRedis.available) {
  const { url, drop } = await postgresDatabase()
  rows.push(await measured('PostgreSQL and Redis', url, `${randomName()}:`))
  await drop()
}
console.log(`jose alone, a signature and its claims: ${jose.toFixed(1)} us\n`)
console.log('| the truth is in      | first check (us) | of jose | again (us) |')
console.log('| -------------------- | ---------------- | ------- | ---------- |')
for (const { where, first, again } of rows)
  console.log(
    `| ${where.padEnd(20)} | ${first.toFixed(1).padEnd(16)} | ${(first / jose).toFixed(2).padEnd(7)} | ${again.toFixed(2).padEnd(10)} |`,
  )
console.log(`\nThe goals are ${goals.first} us for the first and ${goals.again} us for each one after it.`)
