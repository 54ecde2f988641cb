import { describe, expect, test } from '#test'
import { accountsService, accountTablesWith, usersWith } from '../../../plugins/accounts/index.ts'
import { both, withDatabase } from '../../services.ts'
import { links, Office, password, quick } from './app.ts'

const people = usersWith((t) => ({
  phone: t.string(40).nullable(),
  locale: t.enum('en', 'it').default('en'),
  bornAt: t.datetime().nullable(),
  credit: t.decimal(10, 2).default('0.00'),
  points: t.bigint().nullable(),
  badge: t.string(20).nullable().unique(),
  note: t.text().nullable().hidden(),
  score: t.int().default(0).readonly(),
}))
const tables = accountTablesWith(people)
const options = { hashing: quick, links, register: true, users: people, selfWritable: ['phone', 'locale'] } as never
const fresh = 'a wholly new phrase'

describe('columns of an app', () => {
  both('are written by administrators and shown, in the form of JSON', tables, async (db) => {
    const office = new Office(db, options)
    const { token } = await office.admin()
    const values = {
      phone: '+39 1',
      locale: 'it',
      bornAt: '2001-02-03T04:05:06.000Z',
      credit: '12.50',
      points: '9007199254740993',
    }
    const made = await office.post('/users', { email: 'ann@example.com', password, ...values }, token)
    expect([made.status, made.body]).toMatchObject([
      201,
      { ...values, score: 0, badge: null, email: 'ann@example.com' },
    ])
    expect(made.body).not.toHaveProperty('note')
    const path = `/users/${made.body.id}`
    const changed = await office.ask('PATCH', path, token, { phone: null, bornAt: null, note: 'kept to us' })
    expect([changed.status, changed.body]).toMatchObject([200, { phone: null, bornAt: null, locale: 'it' }])
    expect(JSON.stringify(changed.body)).not.toContain('kept to us')
    expect((await office.ask('GET', path, token)).body).toEqual(changed.body)
    const list = await office.ask('GET', '/users', token)
    expect(list.body.data.find((user: { id: string }) => user.id === made.body.id)).toEqual(changed.body)
    const rows = await db.drizzle.select({ note: people.for(db).note }).from(people.for(db))
    expect(rows).toContainEqual({ note: 'kept to us' })
  })

  both('are written by people themselves where the app says so, and nowhere else', tables, async (db) => {
    const office = new Office(db, options)
    expect(
      (await office.post('/auth/register', { email: 'ann@example.com', password: fresh, phone: '1' })).status,
    ).toBe(202)
    const { body } = await office.login('ann@example.com', fresh)
    const token: string = body.accessToken
    expect((await office.ask('GET', '/users/me', token)).body).toMatchObject({ phone: '1', locale: 'en' })
    const changed = await office.ask('PATCH', '/users/me', token, { phone: '2', locale: 'it' })
    expect([changed.status, changed.body]).toMatchObject([200, { phone: '2', locale: 'it' }])
    for (const field of ['credit', 'points', 'badge', 'note', 'score', 'bornAt'])
      for (const [method, path, more] of [
        ['PATCH', '/users/me', {}],
        ['POST', '/auth/register', { email: 'bob@example.com', password: fresh }],
      ] as const) {
        const answer = await office.ask(method, path, token, { ...more, [field]: '9.00' })
        expect([path, field, answer.status, answer.body.errors?.[0]?.pointer]).toEqual([path, field, 422, `/${field}`])
      }
    const refused = await office.ask('PATCH', '/users/me', token, { locale: 'de' })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/locale'])
    const { data } = await office.service.listUsers()
    const caller = {
      id: data[0]!.id,
      via: 'bearer',
      user: { id: data[0]!.id },
      permissions: new Set<string>(),
    } as const
    await office.service.updateOwn(caller, { phone: '3', credit: '99.00', isActive: false, score: 9 } as never)
    expect(await office.service.findUser(data[0]!.id)).toMatchObject({
      phone: '3',
      credit: '0.00',
      isActive: true,
      score: 0,
    })
  })

  both('that are unique say which one is taken', tables, async (db) => {
    const office = new Office(db, options)
    const { token } = await office.admin()
    expect((await office.post('/users', { email: 'a@example.com', password, badge: 'x1' }, token)).status).toBe(201)
    const clash = await office.post('/users', { email: 'b@example.com', password, badge: 'x1' }, token)
    expect([clash.status, clash.body.detail]).toEqual([409, 'users.badge already in use'])
    expect(clash.body.errors[0].pointer).toBe('/badge')
    const address = await office.post('/users', { email: 'a@example.com', password, badge: 'x2' }, token)
    expect([address.status, address.body.detail]).toEqual([409, 'users.email already in use'])
  })

  test('are refused where users could not be made, or have the name already', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      expect(() => usersWith((t) => ({ phone: t.string(40) }))).toThrow(
        'users.phone must be nullable() or have a default',
      )
      for (const name of ['email', 'passwordHash', 'roles', 'permissions', 'password', 'isActive'])
        expect(() => usersWith((t) => ({ [name]: t.string().nullable() }))).toThrow('already')
      expect(() => accountsService(db, { users: people, selfWritable: ['phnoe'] as never })).toThrow(
        'did you mean "phone"',
      )
      for (const name of ['score', 'email', 'isActive'])
        expect(() => accountsService(db, { users: people, selfWritable: [name] as never })).toThrow('no column')
    }))
})

both('no body of accounts takes what the server owns', tables, async (db) => {
  const office = new Office(db, options)
  const { id, token } = await office.admin()
  const role = await office.service.createRole({ name: 'r' }, 'system')
  await office.post('/auth/forgot-password', { email: 'admin@example.com' })
  const reset = await office.mailedTo('admin@example.com')
  const bodies: [string, string, Record<string, unknown>][] = [
    ['POST', '/auth/login', { email: 'admin@example.com', password }],
    ['POST', '/auth/register', { email: 'x@example.com', password: fresh }],
    ['POST', '/auth/forgot-password', { email: 'admin@example.com' }],
    ['POST', '/auth/reset-password', { token: reset, password: fresh }],
    ['POST', '/auth/confirm-email', { token: reset }],
    ['PATCH', '/users/me', { name: 'x' }],
    ['PUT', '/users/me/password', { current: password, password: fresh }],
    ['POST', '/users/me/email', { email: 'x@example.com', password }],
    ['POST', '/users', { email: 'x@example.com', password }],
    ['PATCH', `/users/${id}`, { name: 'x' }],
    ['PUT', `/users/${id}/password`, { password: fresh }],
    ['PUT', `/users/${id}/roles`, { roles: ['admin'] }],
    ['POST', '/roles', { name: 'x' }],
    ['PATCH', `/roles/${role.id}`, { name: 'x' }],
    ['PUT', `/roles/${role.id}/permissions`, { permissions: [] }],
  ]
  const owned = [
    'id',
    'isVerified',
    'passwordHash',
    'tokenVersion',
    'createdBy',
    'updatedAt',
    'version',
    'score',
    'userCount',
  ]
  const before = await office.service.findUser(id)
  for (const [method, path, body] of bodies) {
    for (const field of [...owned, ...(path.startsWith('/roles') ? [] : ['isActive']), 'constructor']) {
      const { status, body: answer } = await office.ask(method, path, token, { ...body, [field]: 1 })
      expect([method, path, field, status, answer?.errors?.[0]?.pointer]).toEqual([
        method,
        path,
        field,
        422,
        `/${field}`,
      ])
    }
    const polluted = `${JSON.stringify(body).slice(0, -1)},"__proto__":{"isActive":false,"roles":["admin"]}}`
    expect([path, (await office.ask(method, path, token, polluted)).status]).toEqual([path, 422])
  }
  expect(await office.service.findUser(id)).toEqual(before)
  expect((await office.service.listUsers()).data).toHaveLength(1)
})
