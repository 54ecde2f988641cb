import { describe, expect } from '#test'
import { rolePermissions } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'
import { accountTables, declared, Office, quick } from './app.ts'

const names = (answer: { body: { data: { name: string }[] } }) => answer.body.data.map(({ name }) => name)

async function granted(office: Office) {
  const { token } = await office.admin()
  const make = (name: string, ...permissions: string[]) => office.service.createRole({ name, permissions }, 'system')
  return {
    token,
    reader: (await make('reader', 'products:read')).id,
    keeper: (await make('keeper', 'products:*')).id,
    empty: (await make('empty')).id,
  }
}

describe('permissions', () => {
  both('are those that the app declares, with the roles that grant them', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token } = await granted(office)
    const all = (await office.ask('GET', '/permissions', token)).body.data
    expect(all.map(({ name }: { name: string }) => name)).toEqual([...declared].sort())
    const read = await office.ask('GET', '/permissions/products:read', token)
    expect(read.body).toEqual({ name: 'products:read', roles: ['admin', 'keeper', 'reader'] })
    expect((await office.ask('GET', '/permissions/products%3Aupdate', token)).body.roles).toEqual(['admin', 'keeper'])
    expect(names(await office.ask('GET', '/permissions/products:read/roles', token))).toEqual([
      'admin',
      'keeper',
      'reader',
    ])
    expect(names(await office.ask('GET', '/permissions/products:update/available-roles', token))).toEqual([
      'empty',
      'reader',
    ])
    for (const path of ['', '/roles', '/available-roles'])
      expect([path, (await office.ask('GET', `/permissions/products:fly${path}`, token)).status]).toEqual([path, 404])
  })

  both('are given to a role and taken from it one by one', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, reader, keeper } = await granted(office)
    const path = `/roles/${reader}/permissions`
    expect((await office.ask('GET', path, token)).body).toEqual({ data: ['products:read'] })
    expect((await office.ask('GET', `/roles/${keeper}/available-permissions`, token)).body.data).not.toContain(
      'products:read',
    )
    expect((await office.ask('GET', `/roles/${reader}/available-permissions`, token)).body.data).toContain(
      'products:update',
    )
    for (let times = 0; times < 2; times++)
      expect((await office.post(`${path}/products:update`, undefined, token)).body.permissions).toEqual([
        'products:read',
        'products:update',
      ])
    expect((await office.post(`${path}/products:*`, undefined, token)).status).toBe(200)
    for (let times = 0; times < 2; times++)
      expect((await office.ask('DELETE', `${path}/products:read`, token)).body.permissions).toEqual([
        'products:*',
        'products:update',
      ])
    for (const unknown of ['products:fly', 'products', '**', 'other:*'])
      expect([unknown, (await office.post(`${path}/${unknown}`, undefined, token)).status]).toEqual([unknown, 404])
    expect((await office.ask('DELETE', path, token)).body.permissions).toEqual([])
    const told = office.events.filter(({ type }) => type === 'permissions.changed').at(-1)
    expect(told?.details).toEqual({ role: 'reader', added: [], removed: ['products:*', 'products:update'] })
  })

  both('are taken from all roles at once, also those of another time', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, reader, empty } = await granted(office)
    await db.drizzle.insert(rolePermissions.for(db)).values([
      { roleId: reader, permission: 'orders:read' },
      { roleId: empty, permission: 'orders:read' },
    ])
    // What the app no longer declares is no reason not to change the rest.
    expect((await office.post(`/roles/${reader}/permissions/products:update`, undefined, token)).status).toBe(200)
    const purged = await office.ask('DELETE', '/permissions/orders:read/roles', token)
    expect([purged.status, purged.body]).toEqual([204, undefined])
    for (const id of [reader, empty])
      expect((await office.service.findRole(id)).permissions).not.toContain('orders:read')
    expect((await office.ask('DELETE', '/permissions/orders:read/roles', token)).status).toBe(204)
    expect((await office.ask('DELETE', '/permissions/no%20name/roles', token)).status).toBe(404)
  })
})
