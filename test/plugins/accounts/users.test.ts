import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { accountTables, Office, password } from './app.ts'

describe('users', () => {
  both('are made, read, changed, disabled and enabled', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const made = await office.ask('POST', '/users', token, { email: ' Bob@Example.com', password, name: 'Bob' })
    expect([made.status, made.headers.get('location')]).toEqual([201, `/users/${made.body.id}`])
    expect(Object.keys(made.body).sort()).toEqual([
      'createdAt',
      'email',
      'id',
      'isActive',
      'isVerified',
      'name',
      'roles',
      'updatedAt',
    ])
    expect(made.body).toMatchObject({ email: 'bob@example.com', name: 'Bob', isActive: true, roles: [] })
    const path = `/users/${made.body.id}`
    expect((await office.ask('GET', path, token)).body).toEqual(made.body)
    const renamed = await office.ask('PATCH', path, token, { name: null, email: 'robert@example.com' })
    expect([renamed.status, renamed.body.name, renamed.body.email]).toEqual([200, null, 'robert@example.com'])
    const unchanged = await office.ask('PATCH', path, token, { name: 'Bob' })
    expect(unchanged.body.email).toBe('robert@example.com')
    expect((await office.ask('POST', `${path}/deactivate`, token)).body.isActive).toBe(false)
    expect((await office.login('robert@example.com')).status).toBe(401)
    expect((await office.ask('POST', `${path}/activate`, token)).body.isActive).toBe(true)
    expect((await office.login('robert@example.com')).status).toBe(200)
    expect((await office.login('bob@example.com')).status).toBe(401)
  })

  both('need the permission of each route', accountTables, async (db) => {
    const office = new Office(db)
    const { token, id } = await office.person('nobody@example.com', 'products:read')
    const routes: [string, string, unknown, string][] = [
      ['GET', '/users', undefined, 'users:read'],
      ['GET', `/users/${id}`, undefined, 'users:read'],
      ['POST', '/users', {}, 'users:create'],
      ['PATCH', `/users/${id}`, {}, 'users:update'],
      ['POST', `/users/${id}/deactivate`, undefined, 'users:update'],
      ['POST', `/users/${id}/activate`, undefined, 'users:update'],
      ['PUT', `/users/${id}/roles`, {}, 'users:update or users:assign'],
      ['GET', '/roles', undefined, 'roles:read'],
      ['GET', `/roles/${id}`, undefined, 'roles:read'],
      ['POST', '/roles', {}, 'roles:create'],
      ['PATCH', `/roles/${id}`, {}, 'roles:update'],
      ['PUT', `/roles/${id}/permissions`, {}, 'roles:update'],
      ['DELETE', `/roles/${id}`, undefined, 'roles:delete'],
    ]
    for (const [method, path, body, permission] of routes) {
      const anonymous = await office.ask(method, path, undefined, body)
      expect([method, path, anonymous.status]).toEqual([method, path, 401])
      const refused = await office.ask(method, path, token, body)
      expect([method, path, refused.status, refused.body.detail]).toEqual([method, path, 403, `needs ${permission}`])
    }
    expect((await office.ask('GET', '/auth/me')).status).toBe(401)
    expect((await office.ask('GET', '/auth/me', token)).status).toBe(200)
  })

  both('have one address each, however it is written', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const make = (email: string) => office.ask('POST', '/users', token, { email, password })
    expect((await make('josé@example.com')).status).toBe(201)
    for (const email of ['JOSÉ@example.com', 'jose\u0301@example.com', ' josé@EXAMPLE.com ']) {
      const { status, body } = await make(email)
      expect([status, body.code, body.detail]).toEqual([409, 'KWIK_ACCOUNTS_TAKEN', 'users.email already in use'])
      expect(body.errors[0].pointer).toBe('/email')
    }
    const other = await make('jose@example.com')
    expect(other.status).toBe(201)
    const clash = await office.ask('PATCH', `/users/${other.body.id}`, token, { email: 'José@example.com' })
    expect([clash.status, clash.body.detail]).toEqual([409, 'users.email already in use'])
  })

  both('are found by their address, however it is written', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    for (const email of ['josé+1@example.com', 'ann@example.com'])
      await office.ask('POST', '/users', token, { email, password })
    const found = async (email: string) => {
      const { status, body } = await office.ask('GET', `/users?email=${email}`, token)
      return status === 200 ? body.data.map((user: { email: string }) => user.email) : body.errors[0].detail
    }
    expect(await found(encodeURIComponent('JOSE\u0301+1@Example.com'))).toEqual(['josé+1@example.com'])
    expect(await found('ann@example.com&limit=1')).toEqual(['ann@example.com'])
    for (const email of ['nobody@example.com', 'ann@example', 'n@example.com', 'a@@'])
      expect(await found(email)).toEqual([])
    for (const email of ['ann', '', 'jose+1@example.com'])
      expect(await found(email)).toBe('email must be an e-mail address (write its + as %2B)')
  })

  both('made 50 at once with one address are one user', accountTables, async (db) => {
    // As fast as a hash can be: the race is about the address.
    const office = new Office(db, { hashing: { hash: async (word) => `hash of ${word}`, verify: async () => true } })
    const { token } = await office.admin()
    const spellings = ['josé@example.com', 'JOSE\u0301@Example.com', 'José@EXAMPLE.com']
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        office.ask('POST', '/users', token, { email: spellings[at % 3], password }),
      ),
    )
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(201), count(409)]).toEqual([1, 49])
    for (const { status, body } of answers)
      if (status === 409)
        expect([body.code, body.detail]).toEqual(['KWIK_ACCOUNTS_TAKEN', 'users.email already in use'])
    expect((await office.service.listUsers({ limit: 100 })).data).toHaveLength(2)
  })

  both('cannot be given what only the server writes', accountTables, async (db) => {
    const office = new Office(db)
    const { token, id } = await office.admin()
    const server = {
      id,
      isActive: false,
      roles: ['admin'],
      permissions: ['*'],
      passwordHash: 'x',
      tokenVersion: 9,
      createdAt: '2020-01-01T00:00:00Z',
      createdBy: id,
    }
    const bodies: [string, string, Record<string, unknown>][] = [
      ['POST', '/users', { email: 'eve@example.com', password }],
      ['PATCH', `/users/${id}`, { name: 'Eve' }],
      ['PUT', `/users/${id}/roles`, { roles: ['admin'] }],
    ]
    for (const [method, path, good] of bodies)
      for (const [field, value] of Object.entries(server)) {
        if (field in good) continue
        const { status, body } = await office.ask(method, path, token, { ...good, [field]: value })
        expect([method, field, status, body.errors[0].code, body.errors[0].pointer]).toEqual([
          method,
          field,
          422,
          'unknown-field',
          `/${field}`,
        ])
      }
    const polluted = '{"email":"eve@example.com","password":"correct horse","__proto__":{"isActive":false}}'
    expect((await office.ask('POST', '/users', token, polluted)).status).toBe(422)
    expect((await office.service.listUsers()).data.map(({ email, name }) => [email, name])).toEqual([
      ['admin@example.com', null],
    ])
  })

  both('that are not right are 422, each mistake named', accountTables, async (db) => {
    const office = new Office(db)
    const { token, id } = await office.admin()
    const wrong: [string, string, unknown, string][] = [
      ['POST', '/users', { email: 'eve@example.com', password: 'short' }, '/password'],
      ['POST', '/users', { email: 'eve@example.com', password: 'x'.repeat(1025) }, '/password'],
      ['POST', '/users', { email: 'eve', password }, '/email'],
      ['POST', '/users', { email: 'eve@local', password }, '/email'],
      ['POST', '/users', { email: 'e ve@example.com', password }, '/email'],
      ['POST', '/users', { email: `${'e'.repeat(250)}@example.com`, password }, '/email'],
      ['POST', '/users', { email: null, password }, '/email'],
      ['PATCH', `/users/${id}`, {}, ''],
      ['PATCH', `/users/${id}`, { email: null }, '/email'],
      ['PATCH', `/users/${id}`, { name: '' }, '/name'],
      ['PUT', `/users/${id}/roles`, { roles: ['admin', 'amdin'] }, '/roles/1'],
    ]
    for (const [method, path, body, pointer] of wrong) {
      const answer = await office.ask(method, path, token, body)
      expect([path, body, answer.status, answer.body.errors?.[0].pointer]).toEqual([path, body, 422, pointer])
    }
    const unknown = await office.ask('PUT', `/users/${id}/roles`, token, { roles: ['amdin'] })
    expect(unknown.body.errors[0]).toMatchObject({ code: 'unknown-role', suggestion: 'admin' })
    const both = await office.ask('POST', '/users', token, { email: 1, password: 'short', admin: true })
    expect(both.body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/admin',
      '/email',
      '/password',
    ])
  })

  both('that are not there are 404, and an id that is none is 422', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const nobody = crypto.randomUUID()
    for (const [method, path, body] of [
      ['GET', `/users/${nobody}`],
      ['PATCH', `/users/${nobody}`, { name: 'x' }],
      ['POST', `/users/${nobody}/deactivate`],
      ['PUT', `/users/${nobody}/roles`, { roles: [] }],
      ['GET', `/roles/${nobody}`],
      ['DELETE', `/roles/${nobody}`],
    ] as const) {
      const answer = await office.ask(method, path, token, body)
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'KWIK_NOT_FOUND'])
    }
    for (const id of ['1', '9223372036854775808', 'x', `${nobody}x`]) {
      const { status, body } = await office.ask('GET', `/users/${id}`, token)
      expect([id, status, body.errors[0].parameter]).toEqual([id, 422, 'id'])
    }
    expect(
      (await office.ask('GET', `/users/${(await office.admin('b@example.com')).id.toUpperCase()}`, token)).status,
    ).toBe(200)
  })
})

both('users and roles are made below the prefix of the app', accountTables, async (db) => {
  const office = new Office(db, {}, '/api')
  const { token } = await office.admin()
  const user = await office.ask('POST', '/api/users', token, { email: 'bob@example.com', password })
  expect([user.status, user.headers.get('location')]).toEqual([201, `/api/users/${user.body.id}`])
  const role = await office.ask('POST', '/api/roles/', token, { name: 'editor' })
  expect([role.status, role.headers.get('location')]).toEqual([201, `/api/roles/${role.body.id}`])
})

both('names have no characters that cannot be seen, on any database', accountTables, async (db) => {
  const office = new Office(db)
  const { id, token } = await office.admin()
  const role = await office.ask('POST', '/roles', token, { name: 'editor' })
  for (const [method, path, body, pointer] of [
    ['POST', '/users', { email: 'a@example.com', password, name: 'a\0b' }, '/name'],
    ['PATCH', `/users/${id}`, { name: 'a\u001b[2J' }, '/name'],
    ['POST', '/roles', { name: 'a\0b' }, '/name'],
    ['POST', '/roles', { name: 'editor\u200b' }, '/name'],
    ['POST', '/roles', { name: 'b', description: 'a\0b' }, '/description'],
    ['PATCH', `/roles/${role.body.id}`, { name: 'admin\u2060' }, '/name'],
    ['PATCH', `/roles/${role.body.id}`, { description: '\u001b[2J' }, '/description'],
  ] as const) {
    const answer = await office.ask(method, path, token, body)
    expect([method, path, answer.status, answer.body.errors?.[0].pointer]).toEqual([method, path, 422, pointer])
  }
  const lines = await office.ask('PATCH', `/roles/${role.body.id}`, token, { description: 'Edits\n\tall' })
  expect([lines.status, lines.body.description]).toEqual([200, 'Edits\n\tall'])
  const family = await office.ask('PATCH', `/users/${id}`, token, { name: 'Ann 👩\u200d👧' })
  expect([family.status, family.body.name]).toEqual([200, 'Ann 👩\u200d👧'])
})

describe('a list of users', () => {
  both('is read page by page, forwards and backwards', accountTables, async (db) => {
    const office = new Office(db, { hashing: { hash: async (word) => `hash of ${word}`, verify: async () => true } })
    const { token } = await office.admin('u0@example.com')
    for (let at = 1; at < 7; at++) await office.service.createUser({ email: `u${at}@example.com`, password }, 'system')
    const seen: string[][] = []
    let path: string | undefined = '/users?limit=3'
    let last = ''
    while (path) {
      const { body, headers } = await office.ask('GET', path, token)
      seen.push(body.data.map((user: { email: string }) => user.email.slice(0, 2)))
      last = path
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
      expect([body.page.hasMore, body.page.limit]).toEqual([path !== undefined, 3])
    }
    expect(seen.map(({ length }) => length)).toEqual([3, 3, 1])
    expect(seen.flat().sort()).toEqual(['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6'])
    const back: string[][] = []
    for (path = last; path; ) {
      const { body, headers } = await office.ask('GET', path, token)
      back.push(body.data.map((user: { email: string }) => user.email.slice(0, 2)))
      path = /<([^>]+)>; rel="prev"/.exec(headers.get('link') ?? '')?.[1]
    }
    expect(back).toEqual(seen.toReversed())
  })

  both('refuses a page that cannot be, and shows at most 100', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const id = crypto.randomUUID()
    for (const [query, parameter] of [
      ['limit=0', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=x', 'limit'],
      ['limit=1.5', 'limit'],
      ['after=x', 'after'],
      ["after=' or 1=1", 'after'],
      [`after=${id}&before=${id}`, 'before'],
      ['limt=3', 'limt'],
      ['skip=-1', 'skip'],
    ]) {
      const { status, body } = await office.ask('GET', `/users?${query}`, token)
      expect([query, status, body.code, body.errors[0].parameter]).toEqual([
        query,
        400,
        'KWIK_QUERY_INVALID',
        parameter,
      ])
    }
    const { status, body } = await office.ask('GET', '/users?limit=1000000000', token)
    expect([status, body.page]).toEqual([200, { limit: 100, hasMore: false }])
    expect((await office.ask('GET', '/users?limt=3', token)).body.errors[0].suggestion).toBe('limit')
  })
})
