import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { accountTables, Office, password, quick } from './app.ts'

const emails = (answer: { body: { data: { email: string }[] } }) =>
  answer.body.data.map(({ email }) => email.split('@')[0]).sort()

/** Users with none, one and two of the roles `a` and `b`, beside an administrator. */
async function staffed(office: Office) {
  const { token, id } = await office.admin()
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) => office.service.createRole({ name, permissions: ['products:read'] }, 'system')),
  )
  const person = async (name: string, ...roles: string[]) =>
    (await office.service.createUser({ email: `${name}@example.com`, password, roles }, 'system')).id
  return {
    token,
    admin: id,
    a: a!.id,
    b: b!.id,
    none: await person('none'),
    one: await person('one', 'a'),
    other: await person('other', 'b'),
    two: await person('two', 'a', 'b'),
  }
}

describe('users of a role', () => {
  both('are those who have it, whatever else they have', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, a, b } = await staffed(office)
    expect(emails(await office.ask('GET', `/roles/${a}/users`, token))).toEqual(['one', 'two'])
    expect(emails(await office.ask('GET', `/roles/${b}/users`, token))).toEqual(['other', 'two'])
    expect(emails(await office.ask('GET', `/roles/${a}/available-users`, token))).toEqual(['admin', 'none', 'other'])
    expect(emails(await office.ask('GET', `/roles/${b}/available-users`, token))).toEqual(['admin', 'none', 'one'])
    expect((await office.ask('GET', `/roles/${a}`, token)).body.userCount).toBe(2)
    const counts = (await office.ask('GET', '/roles', token)).body.data
      .map((role: { userCount: number }) => role.userCount)
      .sort()
    expect(counts).toEqual([1, 2, 2])
    // Ids of one millisecond are in no order: what counts is that the pages together are all of them.
    const page = await office.ask('GET', `/roles/${a}/available-users?limit=2`, token)
    expect([page.body.data.length, page.body.page.hasMore]).toEqual([2, true])
    const rest = await office.ask('GET', `/roles/${a}/available-users?limit=2&after=${page.body.page.next}`, token)
    expect([...emails(page), ...emails(rest)].sort()).toEqual(['admin', 'none', 'other'])
  })

  both('are added and removed one by one, as often as one likes', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, a, none, two } = await staffed(office)
    for (const count of [3, 3]) {
      const { status, body } = await office.post(`/roles/${a}/users/${none.toUpperCase()}`, undefined, token)
      expect([status, body.userCount]).toEqual([200, count])
    }
    expect((await office.ask('GET', `/users/${none}/roles`, token)).body.data).toMatchObject([{ name: 'a' }])
    expect((await office.ask('GET', `/users/${none}/permissions`, token)).body).toEqual({ data: ['products:read'] })
    for (const count of [2, 2])
      expect((await office.ask('DELETE', `/roles/${a}/users/${two}`, token)).body.userCount).toBe(count)
    expect((await office.ask('GET', `/users/${two}/roles`, token)).body.data).toMatchObject([{ name: 'b' }])
    const told = office.events.filter(({ type }) => type === 'roles.changed').slice(-2)
    expect(told.map(({ details }) => details)).toEqual([
      { added: ['a'], removed: [] },
      { added: [], removed: ['a'] },
    ])
  })

  both('are all removed at once', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, a, one } = await staffed(office)
    const may = await office.tokenOf(one)
    expect((await office.ask('GET', '/products', may)).status).toBe(200)
    expect((await office.ask('DELETE', `/roles/${a}/users`, token)).body).toMatchObject({ name: 'a', userCount: 0 })
    expect((await office.ask('GET', '/products', may)).status).toBe(403)
    expect((await office.ask('DELETE', `/roles/${a}`, token)).status).toBe(204)
  })

  both('keep their role from being deleted, unless it is taken from them too', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, a, two } = await staffed(office)
    for (const query of ['', '?force=false'])
      expect((await office.ask('DELETE', `/roles/${a}${query}`, token)).body.code).toBe('KWIK_ACCOUNTS_ROLE_IN_USE')
    expect((await office.ask('DELETE', `/roles/${a}?force=yes`, token)).status).toBe(400)
    expect((await office.ask('DELETE', `/roles/${a}?force=true`, token)).status).toBe(204)
    expect((await office.ask('GET', `/roles/${a}`, token)).status).toBe(404)
    expect((await office.service.findUser(two)).roles).toEqual(['b'])
  })

  both('and roles that are not there are 404', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, a, one } = await staffed(office)
    const nobody = crypto.randomUUID()
    for (const [method, path] of [
      ['GET', `/roles/${nobody}/users`],
      ['GET', `/roles/${nobody}/available-users`],
      ['POST', `/roles/${nobody}/users/${one}`],
      ['POST', `/roles/${a}/users/${nobody}`],
      ['DELETE', `/roles/${a}/users/${nobody}`],
      ['DELETE', `/roles/${nobody}/users`],
      ['GET', `/roles/${nobody}/permissions`],
      ['GET', `/roles/${nobody}/available-permissions`],
      ['POST', `/roles/${nobody}/permissions/products:read`],
      ['GET', `/users/${nobody}/roles`],
      ['GET', `/users/${nobody}/permissions`],
    ] as const)
      expect([path, (await office.ask(method, path, token)).status]).toEqual([path, 404])
    expect((await office.ask('POST', `/roles/${a}/users/x`, token)).status).toBe(422)
  })
})

describe('power', () => {
  both('does not grow by a role that somebody is added to', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { a, admin, one, two } = await staffed(office)
    const adminRole = (await office.service.listRoles()).data.find(({ name }) => name === 'admin')!.id
    const clerk = await office.person('clerk@example.com', 'users:*', 'roles:*')
    const strong = await office.service.createRole({ name: 'strong', permissions: ['products:update'] }, 'system')
    await office.service.addUserToRole(strong.id, two, 'system')
    for (const [method, path] of [
      ['POST', `/roles/${adminRole}/users/${clerk.id}`],
      ['POST', `/roles/${a}/users/${admin}`],
      ['POST', `/roles/${a}/users/${clerk.id}`],
      ['DELETE', `/roles/${adminRole}/users/${admin}`],
      ['DELETE', `/roles/${adminRole}/users`],
      ['DELETE', `/roles/${a}/users/${one}`],
      ['DELETE', `/roles/${a}/users`],
      ['POST', `/roles/${a}/permissions/users:read`],
      ['DELETE', `/roles/${a}/permissions/products:read`],
      ['DELETE', `/roles/${adminRole}/permissions`],
      ['DELETE', `/permissions/products:read/roles`],
      ['DELETE', `/roles/${a}?force=true`],
      ['PUT', `/users/${admin}/password`],
    ] as const) {
      const body = method === 'PUT' ? { password: 'now it is mine' } : undefined
      const { status, body: answer } = await office.ask(method, path, clerk.token, body)
      expect([method, path, status, answer?.code]).toEqual([method, path, 403, 'KWIK_ACCOUNTS_ESCALATION'])
    }
  })

  both('stays with the last administrator on each of these ways', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token, admin } = await staffed(office)
    const role = (await office.service.listRoles()).data.find(({ name }) => name === 'admin')!.id
    for (const [method, path] of [
      ['DELETE', `/roles/${role}/users/${admin}`],
      ['DELETE', `/roles/${role}/users`],
      ['DELETE', `/roles/${role}?force=true`],
      ['DELETE', `/roles/${role}/permissions/*`],
      ['DELETE', `/roles/${role}/permissions`],
      ['DELETE', '/permissions/*/roles'],
    ] as const) {
      const { status, body } = await office.ask(method, path, token)
      expect([path, status, body.code]).toEqual([path, 409, 'KWIK_ACCOUNTS_LAST_ADMIN'])
    }
    expect(await office.service.hasAdmin()).toBe(true)
  })
})

both('each of these routes needs its permission', accountTables, async (db) => {
  const office = new Office(db, { hashing: quick })
  const { token, id } = await office.person('nobody@example.com', 'products:read')
  for (const [method, path, needed] of [
    ['GET', `/roles/${id}/users`, 'roles:read'],
    ['GET', `/roles/${id}/available-users`, 'roles:read'],
    ['POST', `/roles/${id}/users/${id}`, 'users:update'],
    ['DELETE', `/roles/${id}/users/${id}`, 'users:update'],
    ['DELETE', `/roles/${id}/users`, 'users:update'],
    ['GET', `/roles/${id}/permissions`, 'roles:read'],
    ['GET', `/roles/${id}/available-permissions`, 'roles:read'],
    ['POST', `/roles/${id}/permissions/x:y`, 'roles:update'],
    ['DELETE', `/roles/${id}/permissions/x:y`, 'roles:update'],
    ['DELETE', `/roles/${id}/permissions`, 'roles:update'],
    ['GET', '/permissions', 'roles:read'],
    ['GET', '/permissions/x:y', 'roles:read'],
    ['GET', '/permissions/x:y/roles', 'roles:read'],
    ['GET', '/permissions/x:y/available-roles', 'roles:read'],
    ['DELETE', '/permissions/x:y/roles', 'roles:update'],
    ['GET', `/users/${id}/roles`, 'users:read'],
    ['GET', `/users/${id}/permissions`, 'users:read'],
    ['PUT', `/users/${id}/password`, 'users:update'],
  ] as const) {
    expect([path, (await office.ask(method, path)).status]).toEqual([path, 401])
    const { status, body } = await office.ask(method, path, token)
    expect([method, path, status, body.detail]).toEqual([method, path, 403, expect.stringContaining(needed)])
  }
})
