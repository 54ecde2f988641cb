import { and, eq, inArray } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import { roles, userRoles, users } from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { accountTables, deaf, Office, password, quick } from './app.ts'

/** An office in a process that nothing is told. */
function late(given: Database): Office {
  const { db, announcements } = deaf(given)
  return new Office(db, { believedFor: '1h', hashing: quick, announcements })
}

describe('a process that has not noticed a change yet', () => {
  both('does not let a demoted administrator take the role back', accountTables, async (db) => {
    const [here, elsewhere] = [new Office(db, { hashing: quick }), late(db)]
    const [admin, demoted] = [await here.admin(), await here.admin('demoted@example.com')]
    expect((await elsewhere.ask('GET', '/products', demoted.token)).status).toBe(200)
    await here.ask('PUT', `/users/${demoted.id}/roles`, admin.token, { roles: [] })
    expect((await elsewhere.ask('GET', '/products', demoted.token)).status).toBe(200)
    const accomplice = await here.service.createUser({ email: 'accomplice@example.com', password }, 'system')
    const own = (await here.service.createRole({ name: 'own' }, 'system')).id
    for (const [method, path, body] of [
      ['PUT', `/users/${demoted.id}/roles`, { roles: ['admin'] }],
      ['PUT', `/users/${accomplice.id}/roles`, { roles: ['admin'] }],
      ['PATCH', `/users/${admin.id}`, { password: 'now it is mine' }],
      ['POST', `/users/${admin.id}/deactivate`],
      ['PUT', `/roles/${own}/permissions`, { permissions: ['*'] }],
    ] as const) {
      const answer = await elsewhere.ask(method, path, demoted.token, body)
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'KWIK_ACCOUNTS_ESCALATION'])
    }
  })

  both('does not let a disabled user enable themselves', accountTables, async (db) => {
    const [here, elsewhere] = [new Office(db, { hashing: quick }), late(db)]
    const clerk = await here.person('clerk@example.com', 'users:*')
    expect((await elsewhere.ask('GET', '/users', clerk.token)).status).toBe(200)
    await here.service.deactivateUser(clerk.id, 'system')
    expect((await elsewhere.ask('POST', `/users/${clerk.id}/activate`, clerk.token)).status).toBe(401)
    expect((await here.service.findUser(clerk.id)).isActive).toBe(false)
  })
})

describe('a role that is only called admin', () => {
  both('gets nothing when an administrator is made', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const clerk = await office.person('clerk@example.com', 'users:*', 'roles:*')
    await office.ask('POST', '/roles', clerk.token, { name: 'admin' })
    await office.ask('PUT', `/users/${clerk.id}/roles`, clerk.token, { roles: ['role of clerk@example.com', 'admin'] })
    const admin = await office.admin()
    expect((await office.ask('GET', '/auth/me', clerk.token)).body.permissions).toEqual(['roles:*', 'users:*'])
    expect((await office.ask('GET', '/auth/me', admin.token)).body).toMatchObject({
      roles: ['admin-2'],
      permissions: ['*'],
    })
    await office.admin('other@example.com')
    expect((await office.service.listRoles()).data.map(({ name }) => name).sort()).toEqual([
      'admin',
      'admin-2',
      'role of clerk@example.com',
    ])
  })

  both('stays disabled when an administrator is made', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const retired = await office.admin('retired@example.com')
    const r = roles.for(db)
    await db.drizzle.update(r).set({ isActive: false }).where(eq(r.name, 'admin'))
    await office.admin()
    expect((await office.service.principals.load(retired.id))?.permissions).toEqual(new Set())
  })
})

test('a resource over the tables of accounts writes nothing around the rules', () => {
  for (const table of accountTables)
    for (const field of Object.values(table.fields))
      expect([table.name, field.name, field.server !== undefined || field.readonly]).toEqual([
        table.name,
        field.name,
        true,
      ])
  for (const only of [undefined, ['update'], ['list', 'delete']] as const)
    expect(() => resource('staff', { table: users, permissions: 'users', ...(only && { only }) })).toThrow(
      "only: ['list', 'get']",
    )
})

withPostgres.test('a password is not changed for somebody who is being made an administrator', () =>
  withDatabase('PostgreSQL', accountTables, async (db, url) => {
    const second = openDatabase({ url })
    try {
      const [office, other] = [new Office(db, { hashing: quick }), new Office(second, { hashing: quick })]
      await office.admin()
      const clerk = await office.person('clerk@example.com', 'users:update')
      const target = await office.service.createUser({ email: 'target@example.com', password }, 'system')
      let change: Promise<{ status: number }> | undefined
      await db.tx(async () => {
        await office.service.setRoles(target.id, ['admin'], 'system')
        change = other.ask('PATCH', `/users/${target.id}`, clerk.token, { password: 'now it is mine' })
        // It may answer before this transaction is committed, or wait for it.
        await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 500))])
      })
      expect((await change)?.status).toBe(403)
      expect((await office.login('target@example.com')).status).toBe(200)
    } finally {
      await second.close()
    }
  }),
)

both('nobody gives a role to somebody in the name of another', accountTables, async (db) => {
  const office = new Office(db, { hashing: quick })
  const clerk = await office.person('clerk@example.com', 'users:*')
  for (const path of ['/users', `/users/${clerk.id}`]) {
    const method = path === '/users' ? 'POST' : 'PATCH'
    for (const field of ['roles', 'isActive', 'id', 'tokenVersion', 'passwordHash', 'createdBy'])
      expect([field, (await office.ask(method, path, clerk.token, { name: 'x', [field]: ['admin'] })).status]).toEqual([
        field,
        422,
      ])
  }
  const [u, ur] = [users.for(db), userRoles.for(db)]
  const held = await db.drizzle
    .select({ id: ur.id })
    .from(ur)
    .innerJoin(u, and(eq(u.id, ur.userId), inArray(u.email, ['clerk@example.com'])))
  expect(held).toHaveLength(1)
})
