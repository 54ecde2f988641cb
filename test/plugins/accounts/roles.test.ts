import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { accountTables, Office, password } from './app.ts'

describe('roles', () => {
  both('are made, read, changed and deleted', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const made = await office.ask('POST', '/roles', token, { name: ' editor', description: 'Edits' })
    expect([made.status, made.headers.get('location')]).toEqual([201, `/roles/${made.body.id}`])
    expect(made.body).toMatchObject({ name: 'editor', description: 'Edits', isActive: true, permissions: [] })
    const path = `/roles/${made.body.id}`
    expect((await office.ask('GET', path, token)).body).toEqual(made.body)
    const granted = await office.ask('PUT', `${path}/permissions`, token, {
      permissions: ['products:update', 'products:read', 'products:read', 'users:*'],
    })
    expect(granted.body.permissions).toEqual(['products:read', 'products:update', 'users:*'])
    const patched = await office.ask('PATCH', path, token, { name: 'writer', description: null })
    expect(patched.body).toMatchObject({ name: 'writer', description: null, isActive: true })
    expect(patched.body.permissions).toEqual(['products:read', 'products:update', 'users:*'])
    const list = await office.ask('GET', '/roles', token)
    expect(list.body.data.map((role: { name: string }) => role.name)).toEqual(['admin', 'writer'])
    const gone = await office.ask('DELETE', path, token)
    expect([gone.status, gone.body]).toEqual([204, undefined])
    expect((await office.ask('GET', path, token)).status).toBe(404)
  })

  both('have one name each', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => office.ask('POST', '/roles', token, { name: 'édit'.normalize('NFD') })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)])
    const other = await office.ask('POST', '/roles', token, { name: 'other' })
    const clash = await office.ask('PATCH', `/roles/${other.body.id}`, token, { name: 'édit' })
    expect([clash.status, clash.body.detail, clash.body.errors[0].pointer]).toEqual([
      409,
      'roles.name already in use',
      '/name',
    ])
  })

  both('grant only what the app declares', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const { id } = (await office.ask('POST', '/roles', token, { name: 'editor' })).body
    const put = (...permissions: string[]) => office.ask('PUT', `/roles/${id}/permissions`, token, { permissions })
    for (const wrong of [
      'prodcuts:read',
      'products',
      'other:*',
      'products:*:*',
      'Products:read',
      'products:re*',
      '**',
    ]) {
      const { status, body } = await put('products:read', wrong)
      expect([wrong, status, body.errors[0].code, body.errors[0].pointer]).toEqual([
        wrong,
        422,
        'unknown-permission',
        '/permissions/1',
      ])
    }
    expect((await put('prodcuts:read')).body.errors[0].suggestion).toBe('products:read')
    for (const right of ['products:*', '*:read', '*:*', '*'])
      expect([right, (await put(right)).status]).toEqual([right, 200])
    expect((await office.ask('POST', '/roles', token, { name: 'x', permissions: ['*'] })).status).toBe(422)
    expect((await office.ask('PATCH', `/roles/${id}`, token, { id, name: 'x' })).status).toBe(422)
    expect((await office.ask('PATCH', `/roles/${id}`, token, {})).status).toBe(422)
    const blank = await office.ask('POST', '/roles', token, { name: '  ' })
    expect([blank.status, blank.body.errors[0].pointer]).toEqual([422, '/name'])
  })

  both('that somebody has cannot be deleted', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const { id } = await office.person('bob@example.com', 'products:read')
    const role = await office.service.listRoles().then(({ data }) => data.find(({ name }) => name.includes('bob')))
    const refused = await office.ask('DELETE', `/roles/${role?.id}`, token)
    expect([refused.status, refused.body.code]).toEqual([409, 'KWIK_ACCOUNTS_ROLE_IN_USE'])
    await office.ask('PUT', `/users/${id}/roles`, token, { roles: [] })
    expect((await office.ask('DELETE', `/roles/${role?.id}`, token)).status).toBe(204)
  })
})

describe('what somebody may do', () => {
  both('follows their roles at once', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const bob = await office.person('bob@example.com', 'products:read')
    const role = (await office.service.listRoles()).data.find(({ name }) => name.includes('bob'))
    const may = async () => (await office.ask('GET', '/products', bob.token)).status
    const put = (permissions: string[]) => office.ask('PUT', `/roles/${role?.id}/permissions`, token, { permissions })
    expect(await may()).toBe(200)
    await put(['products:update'])
    expect(await may()).toBe(403)
    await put(['products:*'])
    expect(await may()).toBe(200)
    await office.ask('PATCH', `/roles/${role?.id}`, token, { isActive: false })
    expect(await may()).toBe(403)
    expect((await office.ask('GET', '/auth/me', bob.token)).body).toMatchObject({ permissions: [] })
    await office.ask('PATCH', `/roles/${role?.id}`, token, { isActive: true })
    expect(await may()).toBe(200)
    await office.ask('PUT', `/users/${bob.id}/roles`, token, { roles: [] })
    expect(await may()).toBe(403)
    await office.ask('PUT', `/users/${bob.id}/roles`, token, { roles: [role?.name] })
    expect(await may()).toBe(200)
  })

  both('ends when the user is disabled: tokens from before never work again', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const bob = await office.person('bob@example.com', 'products:read')
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(200)
    await office.ask('POST', `/users/${bob.id}/deactivate`, token)
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(401)
    expect((await office.ask('GET', '/auth/me', bob.token)).status).toBe(401)
    await office.ask('POST', `/users/${bob.id}/activate`, token)
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(401)
    expect((await office.ask('GET', '/products', await office.tokenOf(bob.id))).status).toBe(200)
  })

  both('ends with a new password, for tokens from before', accountTables, async (db) => {
    const office = new Office(db)
    const { token } = await office.admin()
    const bob = await office.person('bob@example.com', 'products:read')
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(200)
    await office.ask('PATCH', `/users/${bob.id}`, token, { password: 'another horse battery' })
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(401)
    expect((await office.login('bob@example.com', password)).status).toBe(401)
    const again = await office.login('bob@example.com', 'another horse battery')
    expect((await office.ask('GET', '/products', again.body.accessToken)).status).toBe(200)
  })

  both('is not changed by a transaction that was rolled back', accountTables, async (db) => {
    const office = new Office(db)
    const bob = await office.person('bob@example.com', 'products:read')
    const failed = db.tx(async () => {
      await office.service.setRoles(bob.id, [], 'system')
      expect((await office.service.principals.load(bob.id))?.permissions.size).toBe(0)
      throw new Error('not today')
    })
    await expect(failed).rejects.toThrow('not today')
    expect((await office.ask('GET', '/products', bob.token)).status).toBe(200)
    expect((await office.service.principals.load(bob.id))?.permissions.has('products:read')).toBe(true)
  })
})

describe('nobody gives what they do not have', () => {
  both('neither by a role, nor by its permissions, nor by a password', accountTables, async (db) => {
    const office = new Office(db)
    const admin = await office.admin()
    const clerk = await office.person('clerk@example.com', 'users:*', 'roles:*', 'products:read')
    const own = (await office.service.listRoles()).data.find(({ name }) => name.includes('clerk'))
    const target = await office.person('target@example.com', 'products:read')
    const escalations: [string, string, unknown, string][] = [
      ['PUT', `/users/${clerk.id}/roles`, { roles: [own?.name, 'admin'] }, 'needs *'],
      ['PUT', `/users/${target.id}/roles`, { roles: ['admin'] }, 'needs *'],
      ['PUT', `/roles/${own?.id}/permissions`, { permissions: ['*'] }, 'needs *'],
      [
        'PUT',
        `/roles/${own?.id}/permissions`,
        { permissions: ['products:*', '*:read'] },
        'needs *:read and products:*',
      ],
      ['PUT', `/roles/${own?.id}/permissions`, { permissions: ['products:update'] }, 'needs products:update'],
      ['PATCH', `/users/${admin.id}`, { password: 'now it is mine' }, 'needs *'],
      ['PATCH', `/users/${admin.id}`, { email: 'mine@example.com' }, 'needs *'],
      ['POST', `/users/${admin.id}/deactivate`, undefined, 'needs *'],
      ['PUT', `/users/${admin.id}/roles`, { roles: [] }, 'needs *'],
    ]
    for (const [method, path, body, detail] of escalations) {
      const answer = await office.ask(method, path, clerk.token, body)
      expect([method, path, answer.status, answer.body.code, answer.body.detail]).toEqual([
        method,
        path,
        403,
        'KWIK_ACCOUNTS_ESCALATION',
        detail,
      ])
    }
    const adminRole = (await office.service.listRoles()).data.find(({ name }) => name === 'admin')
    for (const [method, path, body] of [
      ['PATCH', `/roles/${adminRole?.id}`, { isActive: false }],
      ['PUT', `/roles/${adminRole?.id}/permissions`, { permissions: [] }],
      ['DELETE', `/roles/${adminRole?.id}`],
    ] as const)
      expect([method, (await office.ask(method, path, clerk.token, body)).status]).toEqual([method, 403])
    const allowed = await office.ask('PUT', `/roles/${own?.id}/permissions`, clerk.token, {
      permissions: ['users:read', 'users:*', 'roles:*'],
    })
    expect(allowed.status).toBe(200)
    expect((await office.ask('PATCH', `/users/${clerk.id}`, clerk.token, { name: 'Clerk' })).status).toBe(200)
  })
})

describe('the last administrator', () => {
  both('cannot be disabled, stripped or robbed of the role', accountTables, async (db) => {
    const office = new Office(db)
    const { id, token } = await office.admin()
    const role = (await office.service.listRoles()).data[0]
    const attempts: [string, string, unknown][] = [
      ['POST', `/users/${id}/deactivate`, undefined],
      ['PUT', `/users/${id}/roles`, { roles: [] }],
      ['PATCH', `/roles/${role?.id}`, { isActive: false }],
      ['PUT', `/roles/${role?.id}/permissions`, { permissions: ['users:read'] }],
    ]
    for (const [method, path, body] of attempts) {
      const answer = await office.ask(method, path, token, body)
      expect([path, answer.status, answer.body.code]).toEqual([path, 409, 'KWIK_ACCOUNTS_LAST_ADMIN'])
    }
    expect((await office.ask('DELETE', `/roles/${role?.id}`, token)).status).toBe(409)
    expect((await office.ask('GET', '/auth/me', token)).body).toMatchObject({ permissions: ['*'], isActive: true })
  })

  both('is there after two administrators disabled each other at once', accountTables, async (db) => {
    const office = new Office(db)
    const [one, two] = [await office.admin('one@example.com'), await office.admin('two@example.com')]
    const results = await Promise.allSettled([one, two].map(({ id }) => office.service.deactivateUser(id, 'system')))
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      code: 'KWIK_ACCOUNTS_LAST_ADMIN',
    })
    expect(await office.service.hasAdmin()).toBe(true)
  })

  both('is made by a command, with no password of its own accord', accountTables, async (db) => {
    const office = new Office(db)
    expect([await office.service.hasAdmin(), (await office.login('admin@example.com', 'admin')).status]).toEqual([
      false,
      401,
    ])
    await expect(office.service.createAdmin({ email: 'admin@example.com', password: 'short' })).rejects.toMatchObject({
      code: 'KWIK_INVALID',
    })
    expect((await office.service.listUsers()).data).toEqual([])
    await office.service.createAdmin({ email: 'admin@example.com', password })
    expect(await office.service.hasAdmin()).toBe(true)
    await expect(office.service.createAdmin({ email: 'Admin@example.com', password })).rejects.toMatchObject({
      code: 'KWIK_ACCOUNTS_TAKEN',
      problem: { detail: 'users.email already in use' },
    })
  })
})
