import { describe, expect, test } from '#test'
import { accountsService, accountTokens, type PasswordHashing } from '../../../plugins/accounts/index.ts'
import { both, withDatabase } from '../../services.ts'
import { accountTables, links, Office, quick } from './app.ts'

const fresh = 'a wholly new phrase'
const verify = { links, register: { verify: true } } as const

describe('people who register', () => {
  both('sign in at once, where addresses are not verified', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, register: { roles: ['member'] } })
    await office.service.createRole({ name: 'member', permissions: ['products:read'] }, 'system')
    const made = await office.post('/auth/register', { email: ' New@Example.com', password: fresh, name: 'New' })
    expect([made.status, made.body]).toEqual([202, { accepted: true }])
    const { body } = await office.login('new@example.com', fresh)
    expect((await office.ask('GET', '/products', body.accessToken)).status).toBe(200)
    expect((await office.ask('GET', '/users/me', body.accessToken)).body).toMatchObject({
      email: 'new@example.com',
      name: 'New',
      roles: ['member'],
      isVerified: true,
    })
    expect(office.events.find(({ type }) => type === 'user.created')?.details).toEqual({ by: 'registration' })
  })

  both(
    'with an address that is known get the same answer after the same work, and a mail',
    accountTables,
    async (db) => {
      for (const register of [true, { verify: true }] as const) {
        const calls: string[] = []
        const hashing: PasswordHashing = {
          hash: (word) => {
            calls.push('hash')
            return quick.hash(word)
          },
          verify: (word, hash) => quick.verify(word, hash),
        }
        const office = new Office(db, { hashing, links, register })
        const known = `known-${typeof register}@example.com`
        await office.service.createUser({ email: known, password: 'the first of all' }, 'system')
        calls.length = 0
        const one = await office.post('/auth/register', { email: known, password: fresh })
        await office.service.settled()
        const callsOfKnown = calls.splice(0)
        const other = await office.post('/auth/register', {
          email: `new-${typeof register}@example.com`,
          password: fresh,
        })
        await office.service.settled()
        expect([one.status, one.body, [...one.headers]]).toEqual([other.status, other.body, [...other.headers]])
        expect([callsOfKnown, calls]).toEqual([['hash'], ['hash']])
        expect(office.mailer.lastTo(known)?.subject).toBe('You already have an account')
        expect((await office.login(known, fresh)).status).toBe(401)
        expect((await office.login(known, 'the first of all')).status).toBe(200)
      }
    },
  )

  both('do not sign in before they followed the link, and are refused like anybody', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, ...verify })
    await office.post('/auth/register', { email: 'new@example.com', password: fresh })
    const token = await office.mailedTo('new@example.com')
    const early = await office.login('new@example.com', fresh)
    const wrong = await office.login('new@example.com', 'not it')
    expect([early.status, early.body, [...early.headers]]).toEqual([wrong.status, wrong.body, [...wrong.headers]])
    expect(early.status).toBe(401)
    await office.service.settled()
    expect(office.events.map(({ details }) => details)).toContainEqual({ reason: 'unverified' })
    const verified = await office.post('/auth/verify-email', { token })
    expect([verified.status, verified.body]).toEqual([204, undefined])
    expect((await office.login('new@example.com', fresh)).status).toBe(200)
    expect(office.typesOfEvents()).toContain('email.verified')
    expect((await office.post('/auth/verify-email', { token })).status).toBe(401)
  })

  both('get their link again when they ask, or try to sign in', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, ...verify })
    await office.person('ann@example.com')
    await office.post('/auth/register', { email: 'new@example.com', password: fresh })
    await office.service.settled()
    office.mailer.clear()
    const answers = []
    for (const email of ['new@example.com', 'ann@example.com', 'nobody@example.com', 'none'])
      answers.push(await office.post('/auth/verify-email/resend', { email }))
    for (const { status, body } of answers.slice(0, 3)) expect([status, body]).toEqual([202, { accepted: true }])
    await office.service.settled()
    expect(office.mailer.sent.map(({ to }) => to)).toEqual(['new@example.com'])
    await office.login('new@example.com', 'not it')
    await office.login('new@example.com', fresh)
    await office.service.settled()
    expect(office.mailer.sent).toHaveLength(2)
    expect((await office.post('/auth/verify-email', { token: await office.mailedTo('new@example.com') })).status).toBe(
      204,
    )
    expect((await office.login('new@example.com', fresh)).status).toBe(200)
  })

  both(
    'with one address get the password of the link that was followed, and no later one',
    accountTables,
    async (db) => {
      const office = new Office(db, { hashing: quick, ...verify })
      await office.post('/auth/register', { email: 'ann@example.com', password: 'of a stranger' })
      const strangers = await office.mailedTo('ann@example.com')
      await office.post('/auth/register', { email: 'ann@example.com', password: 'of ann herself' })
      const anns = await office.mailedTo('ann@example.com')
      await office.post('/auth/register', { email: 'ann@example.com', password: 'of a stranger again' })
      const again = await office.mailedTo('ann@example.com')
      expect((await office.post('/auth/verify-email', { token: anns })).status).toBe(204)
      expect((await office.login('ann@example.com', 'of ann herself')).status).toBe(200)
      for (const token of [strangers, again])
        expect((await office.post('/auth/verify-email', { token })).status).toBe(401)
      for (const word of ['of a stranger', 'of a stranger again'])
        expect((await office.login('ann@example.com', word)).status).toBe(401)
      expect(await db.drizzle.select().from(accountTokens.for(db))).toEqual([])
    },
  )

  both('50 at once with one address are one user', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, register: true })
    const spellings = ['josé@example.com', 'JOSE\u0301@Example.com', 'José@EXAMPLE.com']
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        office.post('/auth/register', { email: spellings[at % 3], password: fresh }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(202))
    expect((await office.service.listUsers()).data).toHaveLength(1)
  })

  both('are told what is wrong with what they wrote, and get nothing that they ask for', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, register: true })
    await office.admin()
    for (const [body, pointer] of [
      [{ password: fresh }, '/email'],
      [{ email: 'no address', password: fresh }, '/email'],
      [{ email: 'a@example.com', password: 'password' }, '/password'],
      [{ email: 'a@example.com', password: fresh, name: 'a\u0000b' }, '/name'],
      ...[
        'id',
        'isActive',
        'isVerified',
        'roles',
        'permissions',
        'passwordHash',
        'tokenVersion',
        'createdBy',
        'version',
      ].map((field) => [{ email: 'a@example.com', password: fresh, [field]: ['admin'] }, `/${field}`] as const),
    ] as const) {
      const { status, body: answer } = await office.post('/auth/register', body)
      expect([body, status, answer.errors?.[0]?.pointer]).toEqual([body, 422, pointer])
    }
    const polluted = `{"email":"a@example.com","password":"${fresh}","__proto__":{"isActive":true}}`
    expect((await office.ask('POST', '/auth/register', undefined, polluted)).status).toBe(422)
    expect((await office.service.listUsers()).data).toHaveLength(1)
  })
})

test('nobody registers where the app does not say so', () =>
  withDatabase('SQLite in memory', accountTables, async (db) => {
    const service = accountsService(db)
    await expect(service.register({ email: 'a@example.com', password: fresh })).rejects.toThrow('nobody registers here')
    const needy = new Office(db, { register: { verify: true } })
    expect((await needy.ask('GET', '/users')).status).toBe(500)
  }))
