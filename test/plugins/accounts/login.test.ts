import { eq } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Logger } from '#core/ports/logger'
import { describe, expect, test } from '#test'
import {
  accountPermissions,
  accounts,
  accountsService,
  argon2Hashing,
  bunHashing,
  type PasswordHashing,
  users,
} from '../../../plugins/accounts/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { both, withDatabase } from '../../services.ts'
import { accountTables, Office, password } from './app.ts'

describe('signing in', () => {
  both('reads a password to its end, also behind a NUL', accountTables, async (db) => {
    const office = new Office(db)
    await office.service.createUser({ email: 'nul@example.com', password: 'abcdefgh\0ijk' }, 'system')
    expect((await office.login('nul@example.com', 'abcdefgh')).status).toBe(401)
    expect((await office.login('nul@example.com', 'abcdefgh\0ijk')).status).toBe(200)
  })
  both('answers a token that names its owner', accountTables, async (db) => {
    const office = new Office(db)
    const { id } = await office.admin('Ann@Example.com')
    const { status, body, headers } = await office.login('ann@example.COM ')
    expect([status, body.tokenType, body.expiresIn]).toEqual([200, 'Bearer', 600])
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType'])
    expect(headers.get('cache-control')).toBe('no-store')
    const me = await office.ask('GET', '/auth/me', body.accessToken)
    expect(me.body).toMatchObject({
      id,
      email: 'ann@example.com',
      roles: ['admin'],
      permissions: ['*'],
      isActive: true,
    })
    expect(JSON.stringify(me.body)).not.toContain('argon2')
  })
  both('takes the form of OAuth 2.0 and answers in its words too', accountTables, async (db) => {
    const office = new Office(db)
    await office.admin()
    const form = new URLSearchParams({ grant_type: 'password', username: 'admin@example.com', password, scope: '' })
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': `${form.toString().length}`,
    }
    const request = new Request('http://localhost/auth/login', { method: 'POST', body: form.toString(), headers })
    const answer = await office.app.handle(request)
    const body = await answer.json()
    expect([answer.status, body.tokenType, body.token_type]).toEqual([200, 'Bearer', 'Bearer'])
    expect(body.access_token).toBe(body.accessToken)
    expect((await office.ask('GET', '/auth/me', body.access_token)).status).toBe(200)
  })
  both(
    'refuses an unknown address, a wrong password and a disabled user in the same words',
    accountTables,
    async (db) => {
      const office = new Office(db)
      await office.admin()
      const user = await office.service.createUser({ email: 'off@example.com', password }, 'system')
      await office.service.deactivateUser(user.id, 'system')
      const answers = [
        await office.login('admin@example.com', 'wrong password'),
        await office.login('nobody@example.com'),
        await office.login('off@example.com'),
        await office.login('no address at all'),
        await office.login("' or 1=1 --"),
      ]
      for (const { status, body, headers } of answers) {
        expect([status, body.code]).toEqual([401, 'KWIK_ACCOUNTS_LOGIN_REFUSED'])
        expect(body).toEqual(answers[0]!.body)
        expect([...headers]).toEqual([...answers[0]!.headers])
      }
    },
  )
  both('knows a password by its letters, not by their bytes', accountTables, async (db) => {
    const office = new Office(db)
    await office.service.createUser({ email: 'josé@example.com', password: 'pässwörd'.normalize('NFD') }, 'system')
    expect((await office.login('jose\u0301@example.com', 'pässwörd'.normalize('NFC'))).status).toBe(200)
    expect((await office.login('josé@example.com', 'password')).status).toBe(401)
  })
})

test('an address that guesses is told to wait, where the app limits rates', () =>
  withDatabase('SQLite in memory', accountTables, async (db) => {
    const service = accountsService(db, { hashing: { hash: async (word) => word, verify: async () => false } })
    const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
    const app = new Elysia()
      .use(core({ signals: false }))
      .use(tokens({ secret, principals: service.principals }))
      .use(permissions({ declared: accountPermissions }))
      .use(rateLimit({}))
      .use(accounts({ service, tokens: tokenService({ secret }), loginLimit: { limit: 5, per: '1h' } }))
    const guess = async (): Promise<number> => {
      const body = JSON.stringify({ email: 'ann@example.com', password: crypto.randomUUID() })
      const headers = { 'content-type': 'application/json' }
      return (await app.handle(new Request('http://localhost/auth/login', { method: 'POST', body, headers }))).status
    }
    const statuses: number[] = []
    for (let at = 0; at < 7; at++) statuses.push(await guess())
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  }))

describe('a login that is not right', () => {
  const cases: [string, unknown, string][] = [
    ['without a password', { email: 'a@example.com' }, '/password'],
    ['with an empty password', { email: 'a@example.com', password: '' }, '/password'],
    ['with a password over 1024 characters', { email: 'a@example.com', password: 'x'.repeat(1025) }, '/password'],
    ['with a password that is no text', { email: 'a@example.com', password: ['x'] }, '/password'],
    ['without an address', { password }, '/email'],
    ['with two addresses', { email: 'a@example.com', username: 'b@example.com', password }, '/username'],
    ['with a field that is not known', { email: 'a@example.com', password, isAdmin: true }, '/isAdmin'],
  ]
  for (const [name, body, pointer] of cases)
    test(`${name} is 422, and nothing is hashed`, () =>
      withDatabase('SQLite in memory', accountTables, async (db) => {
        const counted = counting()
        const answer = await new Office(db, { hashing: counted.hashing }).ask('POST', '/auth/login', undefined, body)
        expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer])
        expect(counted.calls).toEqual([])
      }))
})

/** The real thing, counted. */
function counting(over: Partial<PasswordHashing> = {}) {
  const calls: string[] = []
  const hashing: PasswordHashing = {
    hash: (word) => {
      calls.push('hash')
      return (over.hash ?? bunHashing.hash)(word)
    },
    verify: (word, hash) => {
      calls.push('verify')
      return (over.verify ?? bunHashing.verify)(word, hash)
    },
  }
  return { calls, hashing }
}

const inMemory = (name: string, run: Parameters<typeof withDatabase>[2]) =>
  test(name, () => withDatabase('SQLite in memory', accountTables, run))
const storeHash = async (db: Parameters<Parameters<typeof withDatabase>[2]>[0], passwordHash: string) => {
  const u = users.for(db)
  await db.drizzle.update(u).set({ passwordHash }).where(eq(u.email, 'admin@example.com'))
}
const storedHash = async (db: Parameters<Parameters<typeof withDatabase>[2]>[0]) => {
  const u = users.for(db)
  return (await db.drizzle.select({ hash: u.passwordHash }).from(u))[0]?.hash
}

describe('passwords', () => {
  inMemory('are kept as argon2id with 19 MiB, 2 passes and 1 lane', async (db) => {
    await new Office(db).admin()
    expect(await storedHash(db)).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
  })
  inMemory('cost one hash to check, whether the address is known or not', async (db) => {
    const counted = counting()
    const office = new Office(db, { hashing: counted.hashing })
    await office.admin()
    await office.login('admin@example.com')
    for (const email of ['admin@example.com', 'nobody@example.com', 'no address']) {
      counted.calls.length = 0
      await office.login(email, 'wrong password')
      expect([email, counted.calls]).toEqual([email, ['verify']])
    }
  })
  inMemory('with an empty hash are refused after the same work', async (db) => {
    const counted = counting()
    const office = new Office(db, { hashing: counted.hashing })
    await office.admin()
    await storeHash(db, '')
    counted.calls.length = 0
    for (const word of [password, ' ']) expect((await office.login('admin@example.com', word)).status).toBe(401)
    expect(counted.calls.filter((call) => call === 'verify')).toHaveLength(2)
  })
  inMemory('with a hash that cannot be read are refused, and the log says so', async (db) => {
    const lines: unknown[] = []
    const logger: Logger = { debug() {}, info() {}, warning() {}, error: (...line) => void lines.push(line) }
    const office = new Office(db, { logger })
    await office.admin()
    await storeHash(db, '$argon2id$broken')
    const { status, body } = await office.login('admin@example.com')
    expect([status, body.code]).toEqual([401, 'KWIK_ACCOUNTS_LOGIN_REFUSED'])
    expect(JSON.stringify(lines)).toContain('a stored password hash cannot be read')
    expect(JSON.stringify(lines)).not.toContain(password)
  })
  inMemory('of an older kind are taken and hashed again', async (db) => {
    const office = new Office(db)
    await office.admin()
    await storeHash(db, await Bun.password.hash(password, { algorithm: 'bcrypt', cost: 4 }))
    expect(await storedHash(db)).toStartWith('$2b$')
    expect((await office.login('admin@example.com', 'wrong password')).status).toBe(401)
    expect(await storedHash(db)).toStartWith('$2b$')
    expect((await office.login('admin@example.com')).status).toBe(200)
    expect(await storedHash(db)).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect((await office.login('admin@example.com')).status).toBe(200)
  })
  inMemory('are checked a few at a time: some wait, the rest is told to come back', async (db) => {
    let running = 0
    let most = 0
    const counted = counting({
      verify: async () => {
        most = Math.max(most, ++running)
        await new Promise((go) => setTimeout(go, 20))
        running--
        return false
      },
    })
    const office = new Office(db, { hashing: counted.hashing })
    await office.admin()
    let looked = 0
    const stop = db.observe!(({ text }) => {
      if (/password_hash.* from "users"/.test(text)) looked++
    })
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => office.login(`user-${at}@example.com`, 'wrong')),
    )
    const refused = answers.filter(({ status }) => status === 503)
    // One core is left to everything else.
    const capacity = Math.max(1, navigator.hardwareConcurrency - 1) + 50
    expect([most, answers.filter(({ status }) => status === 401).length]).toEqual([capacity - 50, capacity])
    expect(refused).toHaveLength(200 - capacity)
    stop()
    // Who is refused has cost nothing.
    expect(looked).toBe(capacity)
    expect([refused[0]!.body.code, refused[0]!.headers.get('retry-after')]).toEqual(['KWIK_ACCOUNTS_BUSY', '2'])
    expect((await office.login('admin@example.com', 'wrong')).status).toBe(401)
  })
  inMemory('are refused to one caller in a turn of the event loop: others are answered between them', async (db) => {
    const gate = Promise.withResolvers<boolean>()
    const office = new Office(db, { hashing: counting({ verify: () => gate.promise }).hashing })
    await office.admin()
    let refused = 0
    const all = Array.from({ length: 100 }, async (_, at) => {
      const { status } = await office.login(`user-${at}@example.com`, 'wrong')
      if (status === 503) refused++
    })
    let most = 0
    for (let before = 0; refused < 30; before = refused) {
      await new Promise<void>((go) => setImmediate(go))
      most = Math.max(most, refused - before)
    }
    expect(most).toBe(1)
    gate.resolve(false)
    await Promise.all(all)
  })
  for (const path of ['/auth/login', '/auth/register', '/auth/reset-password'])
    inMemory(`sent to ${path} are refused without their bodies while too many wait`, async (db) => {
      const gate = Promise.withResolvers<boolean>()
      const { hashing } = counting({ verify: () => gate.promise })
      const office = new Office(db, { hashing, register: true, links: { reset: 'https://app.test/#{token}' } })
      await office.admin()
      const waiting = Array.from({ length: 100 }, (_, at) => office.login(`user-${at}@example.com`, 'wrong'))
      const crowd = await Promise.race(waiting)
      expect(crowd.status).toBe(503)
      const unread = () =>
        office.app.handle(
          new Request(`http://localhost${path}`, {
            method: 'POST',
            body: '{"email',
            headers: { 'content-type': 'application/json', 'content-length': '7' },
          }),
        )
      expect((await unread()).status).toBe(503)
      gate.resolve(false)
      await Promise.all(waiting)
      expect((await unread()).status).toBe(400)
    })
})

test('outside Bun passwords need a package, and the message says which', async () => {
  await expect(argon2Hashing.hash(password)).rejects.toThrow('passwords need the package @node-rs/argon2')
  await expect(argon2Hashing.verify(password, 'x')).rejects.toThrow('install it')
})
