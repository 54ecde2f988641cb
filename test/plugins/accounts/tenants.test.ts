import { Elysia } from 'elysia'
import { kwik, servicesOf } from 'kwik'
import type { Database } from '#core/ports/database'
import { Scope } from '#core/scope'
import { describe, expect } from '#test'
import { type AccountUser, accountPermissions, accountsService } from '../../../plugins/accounts/index.ts'
import type { TenantsOptions } from '../../../plugins/tenants/index.ts'
import { tokenTables } from '../../../plugins/tokens/index.ts'
import { both } from '../../services.ts'
import { accountTables, password, quick } from './app.ts'

const tables = [...accountTables, ...tokenTables]
const names = ['posts:read', 'posts:update'] as const

/** An app with tenants, and people in them. */
async function towns(db: Database, tenant: TenantsOptions = { by: 'header' }) {
  const accounts = accountsService(db, { permissions: [...names, ...accountPermissions], hashing: quick })
  const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
  const platform = kwik({
    database: db,
    accounts,
    permissions: names,
    tenant,
    tokens: { secret },
    logging: { write() {} },
    signals: false,
  })
  const app = new Elysia().use(platform).get('/posts', ({ user }) => user.id, { permission: 'posts:read' })
  const role = async (name: string, ...permissions: string[]) => {
    await accounts.createRole({ name, permissions }, 'system')
    return name
  }
  await role('reader', 'posts:read')
  await role('chief', 'posts:*', 'users:read', 'users:assign')
  await role('empty')
  await role('all', '*')
  const person = async (name: string, roles: Record<string, readonly string[]>): Promise<AccountUser> => {
    let user = await accounts.createUser({ email: `${name}@example.com`, password, roles: roles['*'] ?? [] }, 'system')
    for (const [tenant, names] of Object.entries(roles))
      if (tenant !== '*') user = await accounts.setRoles(user.id, names, 'system', tenant)
    return user
  }
  const token = async ({ id }: { id: string }) => {
    const account = await accounts.principals.load(id)
    const scope = new Scope(new Request('http://localhost/'))
    return (await servicesOf(platform).sessions!.begin(scope, { id, tokenVersion: account!.tokenVersion })).accessToken
  }
  const ask = async (
    as: { id: string } | string,
    tenant: string | undefined,
    method: string,
    path: string,
    body?: unknown,
  ) => {
    const headers = {
      authorization: `Bearer ${typeof as === 'string' ? as : await token(as)}`,
      ...(tenant !== undefined && { 'x-tenant': tenant }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) }
    const answer = await app.handle(new Request(`http://localhost${path}`, init))
    const text = await answer.text()
    return { status: answer.status, body: text === '' || !text.startsWith('{') ? text : JSON.parse(text) }
  }
  return { accounts, app, person, ask }
}

both('a tenant that no request could name is none, at a sign-in and for roles', tables, async (db) => {
  const { accounts, app, person, ask } = await towns(db)
  const [boss, ann] = [await person('boss', { '*': ['all'] }), await person('ann', { '*': ['reader'] })]
  for (const tenant of ['\0', 'acme\0', 'acme\u200b', 'acme\u202e', 'acme\ud800']) {
    const given = await ask(boss, undefined, 'PUT', `/users/${ann.id}/roles`, { roles: ['reader'], tenant })
    expect([given.status, given.body.errors?.[0].pointer]).toEqual([422, '/tenant'])
    const body = JSON.stringify({ email: 'boss@example.com', password, tenant })
    const headers = { 'content-type': 'application/json' }
    const login = await app.handle(new Request('http://localhost/auth/login', { method: 'POST', headers, body }))
    expect(login.status).toBe(422)
  }
  expect((await accounts.findUser(ann.id)).tenants).toBeUndefined()
})

both('who signed in for one tenant acts for others there alone', tables, async (db) => {
  const { app, accounts, person, ask } = await towns(db)
  await accounts.createRole({ name: 'support', permissions: ['users:impersonate', 'posts:read'] }, 'system')
  await person('boss', { '*': ['support'] })
  const ann = await person('ann', { '*': ['reader'] })
  const body = JSON.stringify({ email: 'boss@example.com', password, tenant: 'acme' })
  const headers = { 'content-type': 'application/json' }
  const login = await app.handle(new Request('http://localhost/auth/login', { method: 'POST', headers, body }))
  const { accessToken } = (await login.json()) as { accessToken: string }
  const acting = await ask(accessToken, 'acme', 'POST', `/users/${ann.id}/impersonate`, { reason: 'ticket 7' })
  const posts = async (token: string, tenant: string) => (await ask(token, tenant, 'GET', '/posts')).status
  for (const token of [accessToken, acting.body.accessToken])
    expect([await posts(token, 'acme'), await posts(token, 'other')]).toEqual([200, 403])
})

describe('a role in one tenant', () => {
  both('grants there what it grants, and nothing in another or without one', tables, async (db) => {
    const { person, ask, accounts } = await towns(db)
    const ann = await person('ann', { acme: ['reader'] })
    expect(ann).toMatchObject({ roles: [], tenants: { acme: ['reader'] } })
    expect((await ask(ann, 'acme', 'GET', '/posts')).status).toBe(200)
    expect((await ask(ann, 'other', 'GET', '/posts')).status).toBe(403)
    expect((await ask(ann, undefined, 'GET', '/posts')).status).toBe(403)
    const eve = await person('eve', { '*': ['reader'] })
    for (const tenant of ['acme', 'other', undefined])
      expect((await ask(eve, tenant, 'GET', '/posts')).status).toBe(200)
    // What is taken away counts at once.
    await accounts.setRoles(ann.id, [], 'system', 'acme')
    expect((await ask(ann, 'acme', 'GET', '/posts')).status).toBe(403)
  })

  both('that is inactive grants nothing there', tables, async (db) => {
    const { person, ask, accounts } = await towns(db)
    const ann = await person('ann', { acme: ['reader'] })
    const { data } = await accounts.listRoles()
    await accounts.updateRole(data.find(({ name }) => name === 'reader')!.id, { isActive: false }, 'system')
    expect((await ask(ann, 'acme', 'GET', '/posts')).status).toBe(403)
  })

  both('is set apart from those of other tenants, and from those everywhere', tables, async (db) => {
    const { person, accounts } = await towns(db)
    const { id } = await person('ann', { '*': ['reader'], acme: ['chief', 'reader'], other: ['reader'] })
    const changed = await accounts.setRoles(id, ['empty'], 'system', 'acme')
    expect(changed).toMatchObject({ roles: ['reader'], tenants: { acme: ['empty'], other: ['reader'] } })
    expect(await accounts.setRoles(id, [], 'system')).toMatchObject({
      roles: [],
      tenants: { acme: ['empty'], other: ['reader'] },
    })
    expect((await accounts.setRoles(id, [], 'system', 'other')).tenants).toEqual({ acme: ['empty'] })
  })
})

describe('an API key of somebody with a role in one tenant', () => {
  both('is made there, and does there what its owner does', tables, async (db) => {
    const { person, ask, app } = await towns(db)
    const ann = await person('ann', { acme: ['reader'], other: ['empty'] })
    const make = (tenant: string | undefined, ...scopes: string[]) =>
      ask(ann, tenant, 'POST', '/users/me/api-keys', { name: 'ci', scopes })
    const { status, body } = await make('acme', 'posts:read')
    expect(status).toBe(201)
    const posts = async (tenant?: string) => {
      const headers = { 'x-api-key': body.key, ...(tenant !== undefined && { 'x-tenant': tenant }) }
      return (await app.handle(new Request('http://localhost/posts', { headers }))).status
    }
    expect([await posts('acme'), await posts('other'), await posts('third'), await posts()]).toEqual([
      200, 403, 403, 403,
    ])
    for (const refused of [
      await make('acme', 'posts:update'),
      await make('other', 'posts:read'),
      await make(undefined, 'posts:read'),
    ])
      expect([refused.status, refused.body.code]).toEqual([403, 'KWIK_ACCOUNTS_ESCALATION'])
  })

  both('grows to nothing that holds everywhere', tables, async (db) => {
    const { person, ask, app } = await towns(db)
    const eve = await person('eve', { acme: ['all'] })
    const { body } = await ask(eve, 'acme', 'POST', '/users/me/api-keys', { name: 'ci', scopes: ['*'] })
    const status = async (path: string, tenant: string) => {
      const headers = { 'x-api-key': body.key, 'x-tenant': tenant }
      return (await app.handle(new Request(`http://localhost${path}`, { headers }))).status
    }
    expect([await status('/posts', 'acme'), await status('/posts', 'other')]).toEqual([200, 403])
    expect(await status('/roles', 'acme')).toBe(403)
  })
})

describe('who gives roles in one tenant', () => {
  both('gives those that grant no more than they hold there, and there alone', tables, async (db) => {
    const { person, ask } = await towns(db)
    const chief = await person('chief', { acme: ['chief'] })
    const ann = await person('ann', {})
    const put = (roles: readonly string[], tenant?: string, at = 'acme') =>
      ask(chief, at, 'PUT', `/users/${ann.id}/roles`, { roles, ...(tenant !== undefined && { tenant }) })
    const given = await put(['reader'], 'acme')
    expect([given.status, given.body.roles, given.body.tenants]).toEqual([200, [], { acme: ['reader'] }])
    for (const [roles, tenant] of [
      [['reader'], 'other'],
      [['empty'], 'other'],
      [['reader'], undefined],
      [['empty'], undefined],
      [[], undefined],
      [['all'], 'acme'],
    ] as const) {
      const refused = await put(roles, tenant)
      expect([roles, tenant, refused.status, refused.body.code]).toEqual([
        roles,
        tenant,
        403,
        'KWIK_ACCOUNTS_ESCALATION',
      ])
    }
    expect((await put(['reader'], 'acme', 'other')).status).toBe(403)
  })

  both('cannot take roles there from who holds more there', tables, async (db) => {
    const { person, ask } = await towns(db)
    const chief = await person('chief', { acme: ['chief'] })
    const boss = await person('boss', { acme: ['all'] })
    const refused = await ask(chief, 'acme', 'PUT', `/users/${boss.id}/roles`, { roles: [], tenant: 'acme' })
    expect([refused.status, refused.body.code]).toEqual([403, 'KWIK_ACCOUNTS_ESCALATION'])
    // What somebody is elsewhere does not matter here, and stays.
    const admin = await person('admin', { '*': ['all'] })
    const added = await ask(chief, 'acme', 'PUT', `/users/${admin.id}/roles`, { roles: ['reader'], tenant: 'acme' })
    expect([added.status, added.body.roles, added.body.tenants]).toEqual([200, [], { acme: ['reader'] }])
    expect((await ask(admin, undefined, 'GET', `/users/${admin.id}`)).body.roles).toEqual(['all'])
  })

  both('sees only who has a role there, and what they have there', tables, async (db) => {
    const { person, ask } = await towns(db)
    const chief = await person('chief', { acme: ['chief'] })
    const ann = await person('ann', { '*': ['empty'], acme: ['reader'], other: ['reader'] })
    const bob = await person('bob', { other: ['reader'] })
    const listed = (await ask(chief, 'acme', 'GET', '/users')).body.data as AccountUser[]
    expect(listed.map(({ email }) => email).sort()).toEqual(['ann@example.com', 'chief@example.com'])
    expect((await ask(chief, 'acme', 'GET', `/users/${ann.id}`)).body).toMatchObject({
      roles: [],
      tenants: { acme: ['reader'] },
    })
    expect((await ask(chief, 'acme', 'GET', `/users/${bob.id}`)).status).toBe(404)
    // Taking nothing from nobody is no way to learn who they are.
    const probe = await ask(chief, 'acme', 'PUT', `/users/${bob.id}/roles`, { roles: [], tenant: 'acme' })
    expect(probe.status).toBe(404)
    const admin = await person('admin', { '*': ['all'] })
    expect((await ask(admin, 'acme', 'GET', '/users')).body.data).toHaveLength(4)
  })

  both('has no power over people and roles of the whole app, by * neither', tables, async (db) => {
    const { person, ask, accounts } = await towns(db)
    const boss = await person('boss', { acme: ['all'] })
    const ann = await person('ann', { acme: ['reader'] })
    const { data } = await accounts.listRoles()
    const empty = data.find(({ name }) => name === 'empty')!.id
    for (const [method, path, body] of [
      ['PATCH', `/users/${ann.id}`, { password: 'another long password' }],
      ['POST', `/users/${ann.id}/deactivate`, undefined],
      ['POST', '/users', { email: 'new@example.com', password }],
      ['POST', '/roles', { name: 'new' }],
      ['PATCH', `/roles/${empty}`, { name: 'renamed' }],
      ['PUT', `/roles/${empty}/permissions`, { permissions: ['posts:read'] }],
      ['DELETE', `/roles/${empty}`, undefined],
      ['GET', '/roles', undefined],
    ] as const)
      expect([method, path, (await ask(boss, 'acme', method, path, body)).status]).toEqual([method, path, 403])
  })

  both('leaves nobody without a first of their own, unless they hold everything everywhere', tables, async (db) => {
    const { person, ask } = await towns(db)
    const [boss, other] = [await person('boss', { acme: ['all'] }), await person('other', { acme: ['all'] })]
    const strip = (by: { id: string }, whom: { id: string }) =>
      ask(by, 'acme', 'PUT', `/users/${whom.id}/roles`, { roles: [], tenant: 'acme' })
    expect((await strip(boss, other)).status).toBe(200)
    const last = await strip(boss, boss)
    expect([last.status, last.body.code]).toEqual([409, 'KWIK_ACCOUNTS_LAST_ADMIN'])
    const admin = await person('admin', { '*': ['all'] })
    expect((await strip(admin, boss)).status).toBe(200)
  })
})

describe('everything in one tenant', () => {
  both('is no administrator of the app', tables, async (db) => {
    const { person, accounts } = await towns(db)
    await person('boss', { acme: ['all'] })
    expect(await accounts.hasAdmin()).toBe(false)
    const admin = await person('admin', { '*': ['all'] })
    expect(await accounts.hasAdmin()).toBe(true)
    const refused = await accounts.setRoles(admin.id, [], 'system').catch((error) => error.code)
    expect(refused).toBe('KWIK_ACCOUNTS_LAST_ADMIN')
  })
})

describe('a session for one tenant', () => {
  both('is given to who belongs there, and is good there alone', tables, async (db) => {
    const { person, ask, app, accounts } = await towns(db, { by: 'claim', required: true })
    const ann = await person('ann', { acme: ['reader'], other: ['reader'] })
    const login = async (tenant?: string) => {
      const body = JSON.stringify({ email: 'ann@example.com', password, ...(tenant !== undefined && { tenant }) })
      const headers = { 'content-type': 'application/json' }
      const answer = await app.handle(new Request('http://localhost/auth/login', { method: 'POST', headers, body }))
      return { status: answer.status, body: (await answer.json()) as { accessToken: string; code: string } }
    }
    const acme = await login('acme')
    expect((await ask(acme.body.accessToken, undefined, 'GET', '/posts')).status).toBe(200)
    expect((await ask(acme.body.accessToken, 'other', 'GET', '/posts')).status).toBe(200)
    const foreign = await login('elsewhere')
    expect([foreign.status, foreign.body.code]).toEqual([403, 'KWIK_TENANT_FOREIGN'])
    expect((await login('a b')).status).toBe(422)
    const none = await login()
    expect((await ask(none.body.accessToken, undefined, 'GET', '/posts')).status).toBe(400)
    await accounts.setRoles(ann.id, [], 'system', 'acme')
    expect((await ask(acme.body.accessToken, undefined, 'GET', '/posts')).status).toBe(403)
  })
})
