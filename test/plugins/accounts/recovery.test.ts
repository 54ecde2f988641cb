import { eq } from 'drizzle-orm'
import { describe, expect, test } from '#test'
import { accountsService, accountTokens, users } from '../../../plugins/accounts/index.ts'
import { both, withDatabase } from '../../services.ts'
import { accountTables, links, Office, password, quick } from './app.ts'

const minute = 60_000
const fresh = 'a wholly new phrase'

/** An app that mails links, with a clock that is ours. */
function officeOf(db: ConstructorParameters<typeof Office>[0], more: ConstructorParameters<typeof Office>[1] = {}) {
  const clock = { at: Date.now() }
  const office = new Office(db, { hashing: quick, links, clock: { now: () => clock.at }, ...more })
  return { office, clock }
}

describe('a forgotten password', () => {
  both('is changed by the link that was mailed, which also ends every session', accountTables, async (db) => {
    const { office } = officeOf(db)
    const ann = await office.person('ann@example.com', 'products:read')
    const asked = await office.post('/auth/forgot-password', { email: ' Ann@Example.com' })
    expect([asked.status, asked.body]).toEqual([202, { accepted: true }])
    const token = await office.mailedTo('ann@example.com')
    expect(office.mailer.sent[0]?.text).toContain(`${links}/reset-password#token=${token}`)
    const reset = await office.post('/auth/reset-password', { token, password: fresh })
    expect([reset.status, reset.body]).toEqual([204, undefined])
    expect((await office.ask('GET', '/products', ann.token)).status).toBe(401)
    expect((await office.login('ann@example.com')).status).toBe(401)
    expect((await office.login('ann@example.com', fresh)).status).toBe(200)
    expect(office.typesOfEvents()).toContain('password.reset-requested')
    expect(office.events.find(({ type }) => type === 'password.changed')?.details).toEqual({ by: 'reset' })
  })

  both('is answered alike for an address that nobody has, and nobody is mailed', accountTables, async (db) => {
    const { office } = officeOf(db)
    await office.person('ann@example.com')
    const off = await office.person('off@example.com')
    await office.service.deactivateUser(off.id, 'system')
    const answers = []
    for (const email of ['ann@example.com', 'nobody@example.com', 'off@example.com', 'no address'])
      answers.push(await office.post('/auth/forgot-password', { email }))
    for (const { status, body, headers } of answers) {
      expect([status, body]).toEqual([202, { accepted: true }])
      expect([...headers]).toEqual([...answers[0]!.headers])
    }
    await office.service.settled()
    expect(office.mailer.sent.map(({ to }) => to)).toEqual(['ann@example.com'])
  })

  both('is answered before anything is looked up: neither time nor failure tells', accountTables, async (db) => {
    const { office } = officeOf(db, { logger: { debug() {}, info() {}, warning() {}, error() {} } })
    await office.person('ann@example.com')
    const looked: string[] = []
    const watched = new Proxy(db, {
      get(target, key) {
        if (key === 'drizzle') looked.push('looked')
        const value = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const service = accountsService(watched, { links, mailer: office.mailer })
    await service.forgotPassword('ann@example.com')
    expect(looked).toEqual([])
    await service.settled()
    expect([looked.length > 0, office.mailer.sent.length]).toEqual([true, 1])
    const failing = accountsService(db, {
      links,
      logger: { debug() {}, info() {}, warning() {}, error: (...line) => void looked.push(JSON.stringify(line)) },
      mailer: { send: () => Promise.reject(new Error('the server is on fire')) },
    })
    await failing.forgotPassword('ann@example.com')
    await failing.settled()
    expect(looked.at(-1)).toContain('mailing a link for a new password failed')
  })

  both('has links that lead where the settings say, whatever Host the request has', accountTables, async (db) => {
    const { office } = officeOf(db, { links: { reset: 'https://shop.example.com/new?t={token}' } })
    await office.person('ann@example.com')
    const headers = {
      host: 'evil.example.net',
      'x-forwarded-host': 'evil.example.net',
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ email: 'ann@example.com' })
    await office.app.handle(
      new Request('http://evil.example.net/auth/forgot-password', { method: 'POST', headers, body }),
    )
    await office.service.settled()
    expect(office.mailer.sent[0]?.text).toMatch(/https:\/\/shop\.example\.com\/new\?t=[\w-]{43}\n/)
    expect(office.mailer.sent[0]?.text).not.toContain('evil')
  })
})

describe('a token for a new password', () => {
  both('is good once, and for half an hour', accountTables, async (db) => {
    const { office, clock } = officeOf(db)
    await office.person('ann@example.com')
    const ask = async () => {
      await office.post('/auth/forgot-password', { email: 'ann@example.com' })
      return office.mailedTo('ann@example.com')
    }
    const used = await ask()
    expect((await office.post('/auth/reset-password', { token: used, password: fresh })).status).toBe(204)
    const again = await office.post('/auth/reset-password', { token: used, password: 'and another phrase' })
    expect([again.status, again.body.code]).toEqual([401, 'KWIK_ACCOUNTS_TOKEN_REFUSED'])
    const old = await ask()
    clock.at += 30 * minute
    expect((await office.post('/auth/reset-password', { token: old, password: 'and another phrase' })).body).toEqual(
      again.body,
    )
    expect((await office.login('ann@example.com', fresh)).status).toBe(200)
  })

  both('used by many at once sets one password', accountTables, async (db) => {
    const { office } = officeOf(db)
    await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const token = await office.mailedTo('ann@example.com')
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => office.post('/auth/reset-password', { token, password: `${fresh} ${at}` })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array(7).fill(401)])
  })

  for (const [what, change] of [
    ['the password was changed', { password: 'changed meanwhile' }],
    ['the address was changed', { email: 'ann@other.example.com' }],
  ] as const)
    both(`dies when ${what}`, accountTables, async (db) => {
      const { office } = officeOf(db)
      const { id } = await office.person('ann@example.com')
      await office.post('/auth/forgot-password', { email: 'ann@example.com' })
      const token = await office.mailedTo('ann@example.com')
      await office.service.updateUser(id, change, 'system')
      const { status, body } = await office.post('/auth/reset-password', { token, password: fresh })
      expect([status, body.code]).toEqual([401, 'KWIK_ACCOUNTS_TOKEN_REFUSED'])
    })

  both('dies when its owner is disabled', accountTables, async (db) => {
    const { office } = officeOf(db)
    const { id } = await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const token = await office.mailedTo('ann@example.com')
    await office.service.deactivateUser(id, 'system')
    expect((await office.post('/auth/reset-password', { token, password: fresh })).status).toBe(401)
  })

  both('is no token for anything else, and others are none for it', accountTables, async (db) => {
    const { office } = officeOf(db, { register: { verify: true } })
    const ann = await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const reset = await office.mailedTo('ann@example.com')
    await office.post('/auth/register', { email: 'new@example.com', password: fresh })
    const verify = await office.mailedTo('new@example.com')
    await office.post('/users/me/email', { email: 'ann@other.example.com', password }, ann.token)
    const email = await office.mailedTo('ann@other.example.com')
    for (const [path, tokens] of [
      ['/auth/reset-password', [verify, email]],
      ['/auth/verify-email', [reset, email]],
      ['/auth/confirm-email', [reset, verify]],
    ] as const)
      for (const token of [...tokens, 'x', 'x'.repeat(43), `${reset}=`, ann.token.slice(0, 200)]) {
        const body = path === '/auth/reset-password' ? { token, password: fresh } : { token }
        expect([path, (await office.post(path, body)).status]).toEqual([path, 401])
      }
    for (const token of [reset, verify, email]) expect((await office.ask('GET', '/products', token)).status).toBe(401)
    expect((await office.post('/auth/reset-password', { token: reset, password: fresh })).status).toBe(204)
    expect((await office.post('/auth/verify-email', { token: verify })).status).toBe(204)
  })

  both('is kept as a hash: who reads the table can use none', accountTables, async (db) => {
    const { office } = officeOf(db)
    await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const token = await office.mailedTo('ann@example.com')
    const rows = await db.drizzle.select().from(accountTokens.for(db))
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(token)
    for (const text of [rows[0]!.hash, rows[0]!.bound])
      expect((await office.post('/auth/reset-password', { token: text, password: fresh })).status).toBe(401)
  })

  both('is not used up by a password that is refused, and costs no hash when it is bad', accountTables, async (db) => {
    const { office } = officeOf(db)
    await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const token = await office.mailedTo('ann@example.com')
    for (const [word, code] of [
      ['password123', 'common-password'],
      ['short', 'too-short'],
    ]) {
      const refused = await office.post('/auth/reset-password', { token, password: word })
      expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { code, pointer: '/password' }])
    }
    const hashed: string[] = []
    const hash = (word: string) => quick.hash(String(hashed.push(word) && word))
    const counting = { ...quick, hash }
    const other = new Office(db, { hashing: counting, links })
    expect((await other.post('/auth/reset-password', { token: 'y'.repeat(43), password: fresh })).status).toBe(401)
    expect(hashed).toEqual([])
    expect((await other.post('/auth/reset-password', { token, password: fresh })).status).toBe(204)
    expect(hashed).toEqual([fresh])
  })
})

both('three links are open at once: those who ask on get no further mail', accountTables, async (db) => {
  const { office, clock } = officeOf(db)
  await office.person('ann@example.com')
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => office.post('/auth/forgot-password', { email: 'ann@example.com' })),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202))
  await office.service.settled()
  expect(office.mailer.sent).toHaveLength(3)
  clock.at += 30 * minute
  await office.post('/auth/forgot-password', { email: 'ann@example.com' })
  await office.mailedTo('ann@example.com')
  expect(office.mailer.sent).toHaveLength(4)
  expect(await db.drizzle.select().from(accountTokens.for(db))).toHaveLength(1)
})

both('an administrator has somebody mailed, but nobody who may do more', accountTables, async (db) => {
  const { office } = officeOf(db)
  const admin = await office.admin()
  const clerk = await office.person('clerk@example.com', 'users:update')
  const ann = await office.person('ann@example.com')
  expect((await office.post(`/users/${ann.id}/reset-password`, undefined, clerk.token)).status).toBe(204)
  expect((await office.post(`/users/${admin.id}/reset-password`, undefined, clerk.token)).status).toBe(403)
  expect((await office.post(`/users/${crypto.randomUUID()}/reset-password`, undefined, admin.token)).status).toBe(404)
  await office.service.settled()
  expect(office.mailer.sent.map(({ to }) => to)).toEqual(['ann@example.com'])
  expect(office.events.find(({ type }) => type === 'password.reset-requested')).toMatchObject({
    userId: ann.id,
    actorId: clerk.id,
  })
})

both('a new password by link proves the address too', accountTables, async (db) => {
  const { office } = officeOf(db)
  const { id } = await office.person('ann@example.com')
  const u = users.for(db)
  await db.drizzle.update(u).set({ isVerified: false }).where(eq(u.id, id))
  await office.post('/auth/forgot-password', { email: 'ann@example.com' })
  const token = await office.mailedTo('ann@example.com')
  await office.post('/auth/reset-password', { token, password: fresh })
  expect((await office.service.findUser(id)).isVerified).toBe(true)
})

describe('an app that cannot mail', () => {
  test('does not start with links that nothing sends, and says what is missing', () =>
    withDatabase('SQLite in memory', accountTables, async (db) => {
      const office = new Office(db, { links, mailer: undefined as never })
      const refused = await office.ask('GET', '/products')
      expect(refused.status).toBe(500)
      await expect(accountsService(db, { links }).forgotPassword('a@example.com')).rejects.toThrow('need a mailer')
      await expect(accountsService(db).forgotPassword('a@example.com')).rejects.toThrow('need a mailer')
    }))

  test('has no routes for what it does not offer', () =>
    withDatabase('SQLite in memory', accountTables, async (db) => {
      const office = new Office(db)
      for (const path of [
        '/auth/forgot-password',
        '/auth/reset-password',
        '/auth/register',
        '/auth/verify-email',
        '/auth/confirm-email',
      ])
        expect([path, (await office.post(path, {})).status]).toEqual([path, 404])
    }))

  test('is told which link is none', () =>
    withDatabase('SQLite in memory', accountTables, async (db) => {
      for (const [given, words] of [
        [{ reset: 'https://app.example.com/reset' }, '{token}'],
        [{ reset: '/reset?t={token}' }, 'no address of the web'],
        ['javascript:alert(1)//', 'no address of the web'],
        [{ verify: 'ftp://x/{token}' }, 'no address of the web'],
      ] as const)
        expect(() => accountsService(db, { links: given })).toThrow(words)
      expect(() => accountsService(db, { linkTtl: '1s' })).toThrow('linkTtl')
    }))
})
