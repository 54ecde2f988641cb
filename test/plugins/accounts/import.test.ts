import { describe, expect } from '#test'
import { type AccountsSnapshot, accountTokens } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'
import { accountTables, links, Office, password, quick } from './app.ts'

/** Of `correct horse battery`, in the form that the quick hashing here reads: it takes any. */
const hash = `$2b$12$${'a'.repeat(53)}`
const snapshot: AccountsSnapshot = {
  roles: [
    { key: '1', name: 'editor', permissions: ['products_read', 'users_management_read', 'orders_fly'] },
    { key: '2', name: 'editor', permissions: ['products_update'] },
    {
      key: '3',
      name: 'boss',
      permissions: ['impersonification', 'permissions_management_delete', 'users_management_delete'],
    },
    { key: '4', name: 'retired', isActive: false, permissions: ['role_read', 'orders_fly'] },
    { key: '5', name: ' \u200b', permissions: [] },
  ],
  users: [
    { email: 'Ann@Example.com', name: 'Ann Li', passwordHash: hash, roles: ['1', '4', '1', '99'] },
    { email: 'bob@example.com', passwordHash: 'plain text!', roles: ['2'] },
    { email: 'off@example.com', passwordHash: hash, isActive: false, roles: [] },
    { email: 'ann@example.com', passwordHash: hash, roles: ['3'] },
    { email: 'no address', passwordHash: hash, roles: [] },
  ],
}
const permissions = { products_read: 'products:read', products_update: 'products:update' }
const office = (db: ConstructorParameters<typeof Office>[0]) =>
  new Office(db, { hashing: { ...quick, verify: async (word) => word === password }, links })
/** Ids of one millisecond are in no order. */
const byAddress = async ({ service }: Office) =>
  (await service.listUsers()).data.toSorted((a, b) => (a.email < b.email ? -1 : 1))

describe('users and roles of another system', () => {
  both('are taken over: people sign in with the password they have', accountTables, async (db) => {
    const here = office(db)
    const report = await here.service.importAccounts(snapshot, { apply: true, permissions })
    expect(report).toEqual({
      applied: true,
      usersMade: ['ann@example.com', 'bob@example.com', 'off@example.com'],
      usersKept: ['ann@example.com'],
      usersSkipped: [{ email: 'no address', reason: 'this is no e-mail address' }],
      withoutPassword: ['bob@example.com'],
      rolesMade: ['editor', 'editor (2)', 'boss', 'retired'],
      rolesKept: [],
      rolesRenamed: [{ from: 'editor', to: 'editor (2)' }],
      rolesSkipped: [{ name: ' \u200b', reason: 'its name is empty' }],
      rolesUnknown: [{ key: '99', users: ['ann@example.com'] }],
      permissionsUnknown: [{ name: 'orders_fly', roles: ['editor', 'retired'] }],
    })
    const { data: roles } = await here.service.listRoles()
    const shown = roles.map((role) => [role.name, role.isActive, role.permissions] as const)
    expect(shown.sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['boss', true, ['roles:update', 'users:impersonate']],
      ['editor', true, ['products:read', 'users:read']],
      ['editor (2)', true, ['products:update']],
      ['retired', false, ['roles:read']],
    ])
    const [ann, bob, off] = await byAddress(here)
    expect(ann).toMatchObject({
      email: 'ann@example.com',
      name: 'Ann Li',
      roles: ['editor', 'retired'],
      isVerified: true,
    })
    expect([bob?.roles, off?.isActive]).toEqual([['editor (2)'], false])
    const { body } = await here.login('ann@example.com')
    expect((await here.ask('GET', '/products', body.accessToken)).status).toBe(200)
    expect((await here.ask('GET', '/roles', body.accessToken)).status).toBe(403)
    expect((await here.login('bob@example.com')).status).toBe(401)
    expect((await here.login('off@example.com')).status).toBe(401)
    await here.post('/auth/forgot-password', { email: 'bob@example.com' })
    const token = await here.mailedTo('bob@example.com')
    expect((await here.post('/auth/reset-password', { token, password: 'a wholly new phrase' })).status).toBe(204)
  })

  both('are only tried, unless it is said to apply them', accountTables, async (db) => {
    const here = office(db)
    const tried = await here.service.importAccounts(snapshot, { permissions })
    expect([(await here.service.listUsers()).data, (await here.service.listRoles()).data]).toEqual([[], []])
    expect(here.events).toEqual([])
    const done = await here.service.importAccounts(snapshot, { apply: true, permissions })
    expect({ ...done, applied: false }).toEqual(tried)
  })

  both('are taken over once: what is here stays as it is', accountTables, async (db) => {
    const here = office(db)
    await here.service.importAccounts(snapshot, { apply: true, permissions })
    const ann = (await byAddress(here))[0]!
    await here.service.setRoles(ann.id, [], 'system')
    const editor = (await here.service.listRoles()).data.find(({ name }) => name === 'editor')!
    await here.service.setPermissions(editor.id, [], 'system')
    const before = [(await here.service.listUsers()).data, (await here.service.listRoles()).data]
    const again = await here.service.importAccounts(snapshot, { apply: true, permissions })
    expect([again.usersMade, again.rolesMade]).toEqual([[], []])
    expect(again.rolesKept).toEqual(['editor', 'editor (2)', 'boss', 'retired'])
    expect([(await here.service.listUsers()).data, (await here.service.listRoles()).data]).toEqual(before)
    expect(await db.drizzle.select().from(accountTokens.for(db))).toEqual([])
  })
})
