import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { accountTables, keepingLines, Office, quick } from './app.ts'
import { events, keyOf, mine, withKey } from './keys.ts'

describe('scopes', () => {
  both('are what the owner holds, and nothing more', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:*')
    for (const scopes of [['*'], ['products:read', 'users:read'], ['*:read']]) {
      const answer = await office.ask('POST', mine, bob.token, { name: 'more', scopes })
      expect([scopes, answer.status, answer.body.code]).toEqual([scopes, 403, 'KWIK_ACCOUNTS_ESCALATION'])
    }
    await keyOf(office, bob.token, ['products:*', 'products:read'])
    expect((await office.ask('GET', mine, bob.token)).body.data).toHaveLength(1)
  })

  both('are declared permissions, or patterns of them', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const answer = await office.ask('POST', mine, admin.token, {
      name: 'ci',
      scopes: ['products:read', 'prodcuts:read', 'Nonsense'],
    })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toMatchObject([
      { code: 'unknown-permission', pointer: '/scopes/1', suggestion: 'products:read' },
      { code: 'unknown-permission', pointer: '/scopes/2' },
    ])
    for (const body of [{ name: 'ci', scopes: [] }, { name: 'ci' }, { name: '', scopes: ['*'] }, { scopes: ['*'] }])
      expect((await office.ask('POST', mine, admin.token, body)).status).toBe(422)
  })

  both(
    'are read from the database when a key is made: what was believed of the owner may be over',
    accountTables,
    async (db) => {
      const office = new Office(db, { hashing: quick })
      const bob = await office.person('bob@example.com', 'products:read')
      const principal = {
        id: bob.id,
        via: 'bearer',
        user: { id: bob.id },
        permissions: new Set(['products:read']),
      } as const
      await office.service.setRoles(bob.id, [], 'system')
      const made = office.service.apiKeys.create(bob.id, { name: 'late', scopes: ['products:read'] }, principal)
      await expect(made).rejects.toMatchObject({ code: 'KWIK_ACCOUNTS_ESCALATION' })
    },
  )
})

describe('making keys', () => {
  both('takes a moment to come as their end', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    expect((await keyOf(office, admin.token, ['*'], { expiresAt })).expiresAt).toBe(expiresAt)
    for (const wrong of [new Date(Date.now() - 1).toISOString(), 'tomorrow', 5, '99999-01-01T00:00:00Z'])
      expect((await office.ask('POST', mine, admin.token, { name: 'x', scopes: ['*'], expiresAt: wrong })).status).toBe(
        422,
      )
  })

  both('ends at a number, also when many ask at once; keys that are over do not count', accountTables, async (db) => {
    let now = Date.now()
    const office = new Office(db, { hashing: quick, apiKeys: { perUser: 3 }, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const make = (more: object = {}) =>
      office.ask('POST', mine, bob.token, { name: 'ci', scopes: ['products:read'], ...more })
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => make({ expiresAt: new Date(now + 5000).toISOString() })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409, 409, 409])
    expect((await make()).body).toMatchObject({
      code: 'KWIK_ACCOUNTS_API_KEY_LIMIT',
      detail: expect.stringContaining('3'),
    })
    await office.ask('DELETE', `${mine}/${answers.find(({ status }) => status === 201)!.body.id}`, bob.token)
    expect((await make()).status).toBe(201)
    expect((await make()).status).toBe(409)
    now += 5001
    expect([(await make()).status, (await make()).status, (await make()).status]).toEqual([201, 201, 409])
    expect((await office.ask('GET', mine, bob.token)).body.data).toHaveLength(6)
    // Keys that were over for long are not shown for ever.
    now += 91 * 86_400_000
    const token = await office.tokenOf(bob.id)
    const { data } = (await office.ask('GET', mine, token)).body
    await office.ask('DELETE', `${mine}/${data.at(-1).id}`, token)
    await office.ask('POST', mine, token, { name: 'ci', scopes: ['products:read'] })
    expect((await office.ask('GET', mine, token)).body.data).toHaveLength(4)
  })

  both('is told, with everything else that is done with them', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const office = new Office(db, { hashing: quick, logger })
    const bob = await office.person('bob@example.com', 'products:read')
    const { id: keyId, key } = await keyOf(office, bob.token, ['products:read'])
    await office.ask('DELETE', `${mine}/${keyId}`, bob.token)
    await office.ask('DELETE', `${mine}/${keyId}`, bob.token)
    expect(await events(office, 'api-key.created')).toEqual([{ keyId, scopes: ['products:read'] }])
    expect(await events(office, 'api-key.revoked')).toEqual([{ keyId }])
    expect(JSON.stringify(lines)).not.toContain(key.slice(38))
  })
})

describe('rotating', () => {
  both('makes a key like the old one, which is good for the overlap', accountTables, async (db) => {
    let now = Date.now()
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const expiresAt = new Date(now + 30 * 86_400_000).toISOString()
    const old = await keyOf(office, bob.token, ['products:read'], { expiresAt })
    now += 86_400_000
    const token = await office.tokenOf(bob.id)
    const answer = await office.ask('POST', `${mine}/${old.id}/rotate`, token, { overlap: '10m' })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(answer.body).toMatchObject({ name: 'ci', scopes: ['products:read'] })
    expect(answer.body.expiresAt).toBe(new Date(now + 30 * 86_400_000).toISOString())
    expect((await office.ask('GET', `${mine}/${old.id}`, token)).body).toMatchObject({
      replacedById: answer.body.id,
      expiresAt: new Date(now + 600_000).toISOString(),
    })
    const statuses = async () => [
      (await office.ask('GET', '/products', withKey(old.key))).status,
      (await office.ask('GET', '/products', withKey(answer.body.key))).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    now += 600_001
    expect(await statuses()).toEqual([401, 200])
    const told = (await office.service.securityEvents.list({ type: 'api-key.rotated' })).data
    expect(told).toMatchObject([{ userId: bob.id, details: { keyId: old.id, replacedBy: answer.body.id } }])
  })

  both('without an overlap ends the old one at once; without a word it has an hour', accountTables, async (db) => {
    const now = Date.now()
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const [one, two] = [
      await keyOf(office, bob.token, ['products:read']),
      await keyOf(office, bob.token, ['products:read']),
    ]
    await office.ask('POST', `${mine}/${one.id}/rotate`, bob.token, { overlap: 0 })
    expect((await office.ask('GET', '/products', withKey(one.key))).status).toBe(401)
    await office.ask('POST', `${mine}/${two.id}/rotate`, bob.token, {})
    const shown = (await office.ask('GET', `${mine}/${two.id}`, bob.token)).body
    expect(shown.expiresAt).toBe(new Date(now + 3_600_000).toISOString())
    for (const overlap of ['31d', 'soon', -1, '1 hour'])
      expect((await office.ask('POST', `${mine}/${two.id}/rotate`, bob.token, { overlap })).status).toBe(422)
  })

  both('never lengthens the life of the old one, and is done once, also by many at once', accountTables, async (db) => {
    const now = Date.now()
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const expiresAt = new Date(now + 60_000).toISOString()
    const old = await keyOf(office, bob.token, ['products:read'], { expiresAt })
    const rotate = () => office.ask('POST', `${mine}/${old.id}/rotate`, bob.token, { overlap: '1d' })
    const answers = await Promise.all(Array.from({ length: 6 }, rotate))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409])
    expect((await office.ask('GET', `${mine}/${old.id}`, bob.token)).body.expiresAt).toBe(expiresAt)
    expect((await office.ask('GET', mine, bob.token)).body.data).toHaveLength(2)
    const again = answers.find(({ status }) => status === 201)!.body
    await office.ask('DELETE', `${mine}/${again.id}`, bob.token)
    const refused = await office.ask('POST', `${mine}/${again.id}/rotate`, bob.token, {})
    expect([refused.status, refused.body.code]).toEqual([409, 'KWIK_ACCOUNTS_API_KEY_OVER'])
  })
})

describe('keys of others', () => {
  both('are not there for a user', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const [bob, eve] = [await office.person('bob@example.com', 'products:read'), await office.person('eve@example.com')]
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    for (const [method, path, body] of [
      ['GET', `${mine}/${id}`],
      ['PATCH', `${mine}/${id}`, { name: 'mine' }],
      ['POST', `${mine}/${id}/rotate`, {}],
      ['DELETE', `${mine}/${id}`],
    ] as const)
      expect([method, (await office.ask(method, path, eve.token, body)).status]).toEqual([method, 404])
    expect((await office.ask('GET', mine, eve.token)).body.data).toEqual([])
    expect((await office.ask('GET', '/products', withKey(key))).status).toBe(200)
  })

  both('are listed and ended by who holds api-keys:manage', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const clerk = await office.person('clerk@example.com', 'users:*')
    const guard = await office.person('guard@example.com', 'api-keys:manage')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    const list = `/users/${bob.id}/api-keys`
    expect((await office.ask('GET', list, clerk.token)).status).toBe(403)
    expect((await office.ask('DELETE', `${list}/${id}`, clerk.token)).status).toBe(403)
    expect((await office.ask('GET', list, guard.token)).body.data).toMatchObject([
      { id, hint: `kwik_…${key.slice(-4)}` },
    ])
    expect(
      (
        await office.ask(
          'DELETE',
          `${list.toUpperCase().replace('/USERS', '/users').replace('API-KEYS', 'api-keys')}/${id.toUpperCase()}`,
          guard.token,
        )
      ).status,
    ).toBe(204)
    expect((await office.ask('GET', '/products', withKey(key))).status).toBe(401)
    const [told] = (await office.service.securityEvents.list({ type: 'api-key.revoked' })).data
    expect(told).toMatchObject({ userId: bob.id, actorId: guard.id })
    const nobody = '00000000-0000-7000-8000-000000000000'
    expect((await office.ask('GET', `/users/${nobody}/api-keys`, guard.token)).status).toBe(404)
    expect((await office.ask('DELETE', `/users/${guard.id}/api-keys/${id}`, guard.token)).status).toBe(404)
    expect((await office.ask('DELETE', `${list}/none`, guard.token)).status).toBe(422)
  })
})
