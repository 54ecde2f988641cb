import { eq } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { describe, expect, test } from '#test'
import {
  accountPermissions,
  accounts,
  accountsService,
  apiKeys,
  type MadeApiKey,
} from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { type Answer, accountTables, keepingLines, Office, quick } from './app.ts'

const mine = '/users/me/api-keys'
const withKey = (key: string) => ({ 'x-api-key': key })

/** Makes a key for a user as they would. */
async function keyOf(office: Office, token: string, scopes: readonly string[], more: object = {}): Promise<MadeApiKey> {
  const made = await office.ask('POST', mine, token, { name: 'ci', scopes, ...more })
  expect([made.status, made.body.detail]).toEqual([201, undefined])
  return made.body
}

async function events(
  office: Office,
  type: 'api-key.used' | 'api-key.refused' | 'api-key.created' | 'api-key.revoked',
) {
  await office.service.apiKeys.settled()
  return (await office.service.securityEvents.list({ type, limit: 100 })).data.map(({ details }) => details)
}

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
    const looks: string[] = []
    const counted = new Proxy(db, {
      get: (target, name) => {
        if (name === 'drizzle') looks.push('drizzle')
        const value = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const other = new Office(counted, { hashing: quick })
    await other.ask('GET', '/products')
    const looksFor = async (given: string) => {
      looks.length = 0
      expect((await other.ask('GET', '/products', withKey(given))).status).toBe(401)
      return looks.length
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

describe('use', () => {
  both('is noted once a minute at most, and told once an hour', accountTables, async (db) => {
    let now = Date.UTC(2026, 0, 1, 12, 0, 0)
    const clock = { now: () => now }
    const office = new Office(db, { hashing: quick, clock })
    const bob = await office.person('bob@example.com', 'products:read')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    const k = apiKeys.for(db)
    const usedAt = async (ms: number) => {
      now += ms
      await Promise.all(Array.from({ length: 5 }, () => office.ask('GET', '/products', withKey(key))))
      await office.service.apiKeys.settled()
      const [row] = await db.drizzle.select({ at: k.lastUsedAt }).from(k).where(eq(k.id, id))
      return row!.at?.toISOString().slice(11, 19)
    }
    expect(await usedAt(0)).toBe('12:00:00')
    expect(await usedAt(59_999)).toBe('12:00:00')
    expect(await usedAt(1)).toBe('12:01:00')
    expect(await events(office, 'api-key.used')).toEqual([{ keyId: id }])
    expect(await usedAt(58 * 60_000)).toBe('12:59:00')
    expect(await events(office, 'api-key.used')).toHaveLength(1)
    expect(await usedAt(60_000)).toBe('13:00:00')
    expect(await events(office, 'api-key.used')).toHaveLength(2)
    // Another process knows it from the row.
    const other = new Office(db, { hashing: quick, clock })
    now += 30_000
    await other.ask('GET', '/products', withKey(key))
    await other.service.apiKeys.settled()
    expect(await usedAt(0)).toBe('13:00:00')
  })

  both('by two processes at once is noted and told by one', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    const offices = Array.from({ length: 4 }, () => new Office(db, { hashing: quick }))
    await Promise.all(offices.map((one) => one.ask('GET', '/products', withKey(key))))
    await Promise.all(offices.map((one) => one.service.apiKeys.settled()))
    expect(await events(office, 'api-key.used')).toHaveLength(1)
  })

  both('tells who, by which key and from where', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const bob = await office.person('bob@example.com', 'products:read')
    const { id, key } = await keyOf(office, bob.token, ['products:read'])
    await office.ask('GET', '/products', { ...withKey(key), 'user-agent': 'robot' })
    await office.service.apiKeys.settled()
    const [used] = (await office.service.securityEvents.list({ type: 'api-key.used' })).data
    expect(used).toMatchObject({ userId: bob.id, actorId: bob.id, apiKeyId: id, userAgent: 'robot' })
  })

  both('that fails to be noted fails no request', accountTables, async (db) => {
    const { logger, lines } = keepingLines()
    const office = new Office(db, { hashing: quick, logger })
    const bob = await office.person('bob@example.com', 'products:read')
    const { key } = await keyOf(office, bob.token, ['products:read'])
    await db.execute('drop table security_events')
    expect((await office.ask('GET', '/products', withKey(key))).status).toBe(200)
    await office.service.apiKeys.settled()
    expect(lines.some(({ level }) => level === 'error')).toBe(true)
  })

  both('of a key that is over is told with the reason, once a minute', accountTables, async (db) => {
    let now = Date.now()
    const office = new Office(db, { hashing: quick, clock: { now: () => now } })
    const bob = await office.person('bob@example.com', 'products:read')
    const revoked = await keyOf(office, bob.token, ['products:read'])
    const expired = await keyOf(office, bob.token, ['products:read'], { expiresAt: new Date(now + 1000).toISOString() })
    const left = await keyOf(office, bob.token, ['products:read'])
    await office.ask('DELETE', `${mine}/${revoked.id}`, bob.token)
    now += 1001
    await office.ask('GET', '/products', withKey(revoked.key))
    await office.ask('GET', '/products', withKey(revoked.key))
    await office.ask('GET', '/products', withKey(expired.key))
    await office.service.deactivateUser(bob.id, 'system')
    await office.ask('GET', '/products', withKey(left.key))
    // Whoever does not have the secret writes nothing.
    await office.ask('GET', '/products', withKey(await signed(`${left.key.slice(0, 38)}${'x'.repeat(43)}`)))
    const told = await events(office, 'api-key.refused')
    expect(told).toHaveLength(3)
    expect(told).toContainEqual({ keyId: revoked.id, reason: 'revoked' })
    expect(told).toContainEqual({ keyId: expired.id, reason: 'expired' })
    expect(told).toContainEqual({ keyId: left.id, reason: 'owner' })
    now += 60_000
    await office.ask('GET', '/products', withKey(revoked.key))
    expect(await events(office, 'api-key.refused')).toHaveLength(4)
  })
})

describe('a platform beside another over the same database', () => {
  const revoke = async (db: Database, second: Database) => {
    const [here, there] = [new Office(db, { hashing: quick }), new Office(second, { hashing: quick })]
    const bob = await here.person('bob@example.com', 'products:read')
    const [one, two, three] = [
      await keyOf(here, bob.token, ['products:read']),
      await keyOf(here, bob.token, ['products:read']),
      await keyOf(here, bob.token, ['products:read']),
    ]
    const statuses = async () => {
      const seen = []
      for (const { key } of [one, two, three]) seen.push((await there.ask('GET', '/products', withKey(key))).status)
      return seen
    }
    expect(await statuses()).toEqual([200, 200, 200])
    await here.ask('DELETE', `${mine}/${one.id}`, bob.token)
    expect(await statuses()).toEqual([401, 200, 200])
    await here.ask('POST', `${mine}/${two.id}/rotate`, bob.token, { overlap: 0 })
    expect(await statuses()).toEqual([401, 401, 200])
    await there.service.apiKeys.settled()
  }

  test('refuses a key at once that was ended there (SQLite file)', () =>
    withDatabase('SQLite file', accountTables, async (db, url) => {
      const second = openDatabase({ url })
      try {
        await revoke(db, second)
      } finally {
        await second.close()
      }
    }))
  withPostgres.test('refuses a key at once that was ended there (PostgreSQL)', () =>
    withDatabase('PostgreSQL', accountTables, async (db, url) => {
      const second = openDatabase({ url })
      try {
        await revoke(db, second)
      } finally {
        await second.close()
      }
    }),
  )
})

both('rateLimit by apiKey counts each key of a user for itself', accountTables, async (db) => {
  const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
  const service = accountsService(db, { hashing: quick, permissions: accountPermissions })
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ secret, principals: service.principals }))
    .use(permissions({ declared: accountPermissions }))
    .use(accounts({ service, tokens: tokenService({ secret }) }))
    .use(rateLimit())
    .get('/limited', () => 'ok', { auth: true, rateLimit: { limit: 1, per: '1m', by: 'apiKey' } })
  const { id } = await service.createAdmin({ email: 'ann@example.com', password: 'correct horse battery' })
  const [one, two] = [
    await service.apiKeys.create(id, { name: 'one', scopes: ['*'] }, 'system'),
    await service.apiKeys.create(id, { name: 'two', scopes: ['*'] }, 'system'),
  ]
  const status = async ({ key }: MadeApiKey) =>
    (await app.handle(new Request('http://localhost/limited', { headers: withKey(key) }))).status
  expect([await status(one), await status(two), await status(one), await status(two)]).toEqual([200, 200, 429, 429])
  await service.apiKeys.settled()
})

both('apiKeys: false knows no keys, and has no routes for them', accountTables, async (db) => {
  const [office, off] = [new Office(db, { hashing: quick }), new Office(db, { hashing: quick, apiKeys: false })]
  const bob = await office.person('bob@example.com', 'products:read')
  const { key } = await keyOf(office, bob.token, ['products:read'])
  expect((await off.ask('GET', '/products', withKey(key))).body.code).toBe('KWIK_UNAUTHENTICATED')
  expect((await off.ask('GET', mine, bob.token)).status).toBe(404)
  await expect(off.service.apiKeys.create(bob.id, { name: 'x', scopes: ['*'] }, 'system')).rejects.toThrow(
    'switched off',
  )
  expect(() => accountsService(db, { apiKeys: { perUser: 0 } })).toThrow('apiKeys.perUser')
})

/** A key of a right form: its check fits. */
async function signed(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  return `${body}${Buffer.from(digest).toString('base64url').slice(0, 6)}`
}

async function roleOf(office: Office, email: string): Promise<string> {
  const { data } = await office.service.listRoles({ limit: 100 })
  return data.find(({ name }) => name === `role of ${email}`)!.id
}
