import { describe, expect } from '#test'
import { apiKeys } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'
import { type Answer, accountTables, counting, Office, quick } from './app.ts'
import { keyOf, mine, roleOf, signed, withKey } from './keys.ts'

describe('an API key', () => {
  both('is shown once, and kept as a hash', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const answer = await office.ask('POST', mine, bob.token, { name: ' ci ', scopes: ['products:read'] })
    const { key, ...shown } = answer.body
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('location')).toBe(`${mine}/${shown.id}`)
    expect(key).toMatch(/^kwik_[\da-f]{32}_[\w-]{49}$/)
    expect(shown).toEqual({
      ...{ id: shown.id, userId: bob.id, name: 'ci', scopes: ['products:read'] },
      ...{ hint: `kwik_…${key.slice(-4)}`, createdAt: shown.createdAt },
      ...{ expiresAt: null, revokedAt: null, lastUsedAt: null, replacedById: null },
    })
    expect((await office.ask('GET', `${mine}/${shown.id}`, bob.token)).body).toEqual(shown)
    expect((await office.ask('GET', mine, bob.token)).body.data).toEqual([shown])
    const rows = await db.drizzle.select().from(apiKeys.for(db))
    const secret = key.slice(38, -6)
    expect(JSON.stringify(rows)).not.toContain(secret)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)))
    expect(rows[0]!.hash).toBe(Buffer.from(digest).toString('hex'))
  })

  both('recognises its owner, by either header, and no more of what they may do', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:*', 'users:read')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    for (const headers of [withKey(key), { authorization: `ApiKey ${key}` }, { authorization: `apikey  ${key}` }]) {
      const answer = await office.ask('GET', '/products', headers)
      expect([answer.status, answer.body.id]).toEqual([200, bob.id])
      expect((await office.ask('GET', '/users', headers)).body.detail).toBe('needs users:read')
    }
    const scope = (await office.ask('GET', '/auth/me', withKey(key))).body
    expect([scope.id, scope.permissions, id]).toEqual([bob.id, ['products:read'], id])
  })

  both('with the scope posts:read, of an administrator: a write is 403', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const { key } = await keyOf(office, admin.token, ['products:read'])
    expect((await office.ask('GET', '/products', withKey(key))).status).toBe(200)
    expect((await office.ask('POST', '/roles', withKey(key), { name: 'mine' })).status).toBe(403)
  })

  both('holds where scopes and grants meet: products:* of somebody who has *:read', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', '*:*')
    const { key } = await keyOf(office, bob.token, ['products:*'])
    await office.service.setPermissions(await roleOf(office, 'bob@example.com'), ['*:read'], 'system')
    expect((await office.ask('GET', '/auth/me', withKey(key))).body.permissions).toEqual(['products:read'])
  })

  both('loses a permission at once when its owner does, and has it again when they have', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const status = async () => (await office.ask('GET', '/products', withKey(key))).status
    expect(await status()).toBe(200)
    await office.service.setRoles(bob.id, [], 'system')
    expect(await status()).toBe(403)
    await office.service.setRoles(bob.id, ['role of bob@example.com'], 'system')
    expect(await status()).toBe(200)
    await office.service.updateRole(await roleOf(office, 'bob@example.com'), { isActive: false }, 'system')
    expect(await status()).toBe(403)
  })

  both(
    'is refused in one way, whatever is wrong: wrong, unknown, revoked, expired, disabled, malformed',
    accountTables,
    async (db) => {
      let now = Date.now()
      const office = new Office(db, { hashing: quick, clock: { now: () => now } })
      const [bob, eve] = [
        await office.person('bob@example.com', 'products:read'),
        await office.person('eve@example.com', 'products:read'),
      ]
      const good = await keyOf(office, bob.token, ['products:read'])
      const other = await keyOf(office, bob.token, ['products:read'])
      const revoked = await keyOf(office, bob.token, ['products:read'])
      const expired = await keyOf(office, bob.token, ['products:read'], {
        expiresAt: new Date(now + 60_000).toISOString(),
      })
      const disabled = await keyOf(office, eve.token, ['products:read'])
      for (const { key } of [good, other, revoked, expired, disabled])
        expect((await office.ask('GET', '/products', withKey(key))).status).toBe(200)
      await office.ask('DELETE', `${mine}/${revoked.id}`, bob.token)
      await office.service.deactivateUser(eve.id, 'system')
      now += 60_001

      const answers: Record<string, Answer> = {}
      for (const [name, key] of Object.entries({
        revoked: revoked.key,
        expired: expired.key,
        'owner disabled': disabled.key,
        'of another id': await signed(good.key.slice(0, 38) + other.key.slice(38, -6)),
        'of no id': await signed(`kwik_${'0'.repeat(32)}_${good.key.slice(38, -6)}`),
        'with a wrong secret': await signed(`${good.key.slice(0, 38)}${'x'.repeat(43)}`),
        mistyped: `${good.key.slice(0, -1)}${good.key.endsWith('a') ? 'b' : 'a'}`,
        'cut off': good.key.slice(0, -1),
        'too long': `${good.key}x`,
        'in large letters': good.key.toUpperCase(),
        empty: '',
        'very long': 'k'.repeat(100_000),
        sql: "kwik_' or 1=1 --",
      }))
        answers[name] = await office.ask('GET', '/products', withKey(key))
      const [first, ...others] = Object.entries(answers)
      expect(first![1]).toMatchObject({ status: 401, body: { code: 'KWIK_ACCOUNTS_API_KEY_INVALID' } })
      const { date: _, ...headers } = Object.fromEntries(first![1].headers)
      expect(headers['www-authenticate']).toBe('ApiKey')
      for (const [name, answer] of others) {
        expect([name, answer.status, answer.body]).toEqual([name, 401, first![1].body])
        expect([name, Object.fromEntries(answer.headers)]).toEqual([name, headers])
      }
      expect((await office.ask('GET', '/products', withKey(good.key))).status).toBe(200)
      expect(JSON.stringify(first![1].body)).not.toContain('kwik_')
    },
  )

  both('costs one look and one comparison, whether anybody has its id or not', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const counted = counting(db)
    const other = new Office(counted.db, { hashing: quick })
    await other.ask('GET', '/products')
    const looksFor = async (given: string) => {
      const before = counted.asked()
      expect((await other.ask('GET', '/products', withKey(given))).status).toBe(401)
      return counted.asked() - before
    }
    const unknown = await looksFor(await signed(`kwik_${'0'.repeat(32)}_${'x'.repeat(43)}`))
    expect(await looksFor(await signed(`${key.slice(0, 38)}${'x'.repeat(43)}`))).toBe(unknown)
    expect(unknown).toBe(1)
  })

  both('goes alone: with a token, or twice, it is 400', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const bearer = { authorization: `Bearer ${bob.token}` }
    for (const headers of [
      { ...withKey(key), ...bearer },
      { ...withKey(`${key.slice(0, -1)}~`), ...bearer },
      { ...withKey(key), authorization: `ApiKey ${key}` },
      withKey(`${key}, ${key}`),
    ]) {
      const answer = await office.ask('GET', '/products', headers)
      expect([answer.status, answer.body.code]).toEqual([400, 'KWIK_CREDENTIALS_AMBIGUOUS'])
    }
  })

  both('is a way of its own for routes: auth: ["apiKey"]', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    office.app
      .get('/for-programs', () => 'ok', { auth: ['apiKey'] })
      .get('/for-people', () => 'ok', { auth: ['bearer', 'cookie'] })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const statuses = async (path: string) => [
      (await office.ask('HEAD', path, withKey(key))).status,
      (await office.ask('HEAD', path, bob.token)).status,
      (await office.ask('HEAD', path)).status,
    ]
    expect(await statuses('/for-programs')).toEqual([200, 401, 401])
    expect(await statuses('/for-people')).toEqual([401, 200, 401])
  })

  both(
    'cannot make, show, change, rotate or end keys, nor change what its owner signs in with',
    accountTables,
    async (db) => {
      const office = new Office(db, { hashing: quick })
      const admin = await office.admin()
      const { id, key } = await keyOf(office, admin.token, ['*'])
      const refused: readonly [string, string, object?][] = [
        ['GET', mine],
        ['GET', `${mine}/${id}`],
        ['POST', mine, { name: 'more', scopes: ['*'] }],
        ['PATCH', `${mine}/${id}`, { name: 'other' }],
        ['POST', `${mine}/${id}/rotate`, {}],
        ['DELETE', `${mine}/${id}`],
        ['GET', `/users/${admin.id}/api-keys`],
        ['DELETE', `/users/${admin.id}/api-keys/${id}`],
        ['GET', '/users/me/security-events'],
        ['PATCH', `/users/${admin.id}`, { password: 'now it is mine' }],
        ['PATCH', `/users/${admin.id}`, { email: 'other@example.com' }],
      ]
      for (const [method, path, body] of refused) {
        const answer = await office.ask(method, path, withKey(key), body)
        expect([method, path, answer.status, answer.body.code]).toEqual([
          method,
          path,
          403,
          'KWIK_ACCOUNTS_API_KEY_REFUSED',
        ])
      }
      expect((await office.ask('PATCH', `/users/${admin.id}`, withKey(key), { name: 'Ann' })).status).toBe(200)
      const principal = {
        id: admin.id,
        via: 'apiKey',
        user: { id: admin.id },
        permissions: new Set(['*']),
        apiKeyId: id,
      } as const
      const code = { code: 'KWIK_ACCOUNTS_API_KEY_REFUSED' }
      const { service } = office
      await expect(service.apiKeys.create(admin.id, { name: 'x', scopes: ['*'] }, principal)).rejects.toMatchObject(
        code,
      )
      await expect(service.apiKeys.revoke(admin.id, id, principal)).rejects.toMatchObject(code)
    },
  )

  both('refuses before the body of a request is read', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const admin = await office.admin()
    const { key } = await keyOf(office, admin.token, ['*'])
    expect((await office.ask('POST', mine, withKey(key), '{')).status).toBe(403)
  })
})
