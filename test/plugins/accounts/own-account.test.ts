import type { Sessions } from '#core/ports/sessions'
import { describe, expect } from '#test'
import { both } from '../../services.ts'
import { accountTables, links, Office, password, quick } from './app.ts'

const fresh = 'a wholly new phrase'

describe('my own account', () => {
  both('is shown and changed by who is signed in, without any permission', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const ann = await office.person('ann@example.com', 'products:read')
    const me = await office.ask('GET', '/users/me', ann.token)
    expect(me.body).toMatchObject({ id: ann.id, email: 'ann@example.com', name: null, isActive: true })
    expect(me.body).toEqual(await office.service.findUser(ann.id))
    const named = await office.ask('PATCH', '/users/me', ann.token, { name: 'Ann' })
    expect([named.status, named.body.name]).toEqual([200, 'Ann'])
    expect((await office.ask('GET', '/users/me/permissions', ann.token)).body).toEqual({ data: ['products:read'] })
    const roles = await office.ask('GET', '/users/me/roles', ann.token)
    expect(roles.body.data.map((role: { name: string }) => role.name)).toEqual(['role of ann@example.com'])
    for (const [method, path] of [
      ['GET', '/users/me'],
      ['PATCH', '/users/me'],
      ['PUT', '/users/me/password'],
      ['GET', '/users/me/permissions'],
      ['GET', '/users/me/roles'],
    ] as const)
      expect([path, (await office.ask(method, path)).status]).toEqual([path, 401])
  })

  both('cannot be given what only others write', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const ann = await office.person('ann@example.com')
    for (const field of [
      'id',
      'email',
      'isActive',
      'isVerified',
      'roles',
      'permissions',
      'password',
      'passwordHash',
      'tokenVersion',
      'createdBy',
      'createdAt',
      'version',
    ]) {
      const { status, body } = await office.ask('PATCH', '/users/me', ann.token, { name: 'x', [field]: true })
      expect([field, status, body.errors?.[0]?.pointer]).toEqual([field, 422, `/${field}`])
    }
    const polluted = await office.ask('PATCH', '/users/me', ann.token, '{"name":"x","__proto__":{"isActive":false}}')
    expect(polluted.status).toBe(422)
    expect((await office.ask('PATCH', '/users/me', ann.token, {})).status).toBe(422)
    expect((await office.service.findUser(ann.id)).name).toBe(null)
  })
})

describe('my own password', () => {
  both('is changed by who knows the one before, and ends the other sessions', accountTables, async (db) => {
    const ended: unknown[] = []
    const sessions: Pick<Sessions, 'revokeAll'> = {
      revokeAll: async (id, except) => {
        ended.push([id, except, db.inTransaction])
        return 1
      },
    }
    const office = new Office(db, { hashing: quick, sessions: sessions as Sessions })
    const ann = await office.person('ann@example.com')
    const wrong = await office.ask('PUT', '/users/me/password', ann.token, { current: 'not it', password: fresh })
    expect([wrong.status, wrong.body.errors[0]]).toMatchObject([422, { code: 'wrong-password', pointer: '/current' }])
    const weak = await office.ask('PUT', '/users/me/password', ann.token, { current: password, password: '12345678' })
    expect([weak.status, weak.body.errors[0]]).toMatchObject([422, { code: 'common-password', pointer: '/password' }])
    expect(ended).toEqual([])
    const changed = await office.ask('PUT', '/users/me/password', ann.token, { current: password, password: fresh })
    expect([changed.status, changed.body]).toEqual([204, undefined])
    expect(ended).toEqual([[ann.id, undefined, true]])
    expect((await office.login('ann@example.com')).status).toBe(401)
    expect((await office.login('ann@example.com', fresh)).status).toBe(200)
    expect(office.events.find(({ type }) => type === 'password.changed')).toMatchObject({
      userId: ann.id,
      details: { by: 'self' },
    })
  })

  both('keeps the session in which it is changed, under the new version of its tokens', accountTables, async (db) => {
    const kept: unknown[] = []
    const sessions: Pick<Sessions, 'revokeAll'> = { revokeAll: async (_, except) => kept.push(except) }
    const office = new Office(db, { hashing: quick, sessions: sessions as Sessions })
    const { id } = await office.person('ann@example.com')
    const account = await office.service.principals.load(id)
    const caller = { id, via: 'bearer', user: account!.user, permissions: new Set<string>(), sessionId: 's1' } as const
    await office.service.changeOwnPassword(caller, { current: password, password: fresh })
    const after = await office.service.principals.load(id)
    expect(kept).toEqual([{ sessionId: 's1', tokenVersion: after?.tokenVersion }])
    expect(after!.tokenVersion).toBe(account!.tokenVersion + 1)
  })

  both('is not for who acts for somebody, and not for API keys', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, links })
    const { id } = await office.person('ann@example.com')
    const user = { id }
    const permissions = new Set<string>()
    const callers = [
      { code: 'KWIK_ACCOUNTS_IMPERSONATED', via: 'bearer', actor: { id: 'somebody else' } },
      { code: 'KWIK_ACCOUNTS_API_KEY_REFUSED', via: 'apiKey', apiKeyId: 'k' },
    ] as const
    for (const { code, ...credential } of callers) {
      const caller = { id, user, permissions, ...credential }
      const refusal = { code, status: 403 }
      const { service } = office
      const words = { current: password, password: fresh }
      await expect((async () => service.changeOwnPassword(caller, words))()).rejects.toMatchObject(refusal)
      const change = { email: 'mine@example.com', password }
      await expect((async () => service.changeOwnEmail(caller, change))()).rejects.toMatchObject(refusal)
      await expect((async () => service.updateOwn(caller, { name: 'x' }))()).rejects.toMatchObject(refusal)
    }
    expect((await office.login('ann@example.com')).status).toBe(200)
  })

  both('is guessed as slowly by a stolen token as at a sign-in', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, throttle: { network: { free: 2 } } })
    const ann = await office.person('ann@example.com')
    const guess = () => office.ask('PUT', '/users/me/password', ann.token, { current: 'not it', password: fresh })
    expect([(await guess()).status, (await guess()).status, (await guess()).status]).toEqual([422, 422, 422])
    const held = await guess()
    expect([held.status, held.body.code, held.headers.get('retry-after')]).toEqual([
      429,
      'KWIK_ACCOUNTS_THROTTLED',
      '1',
    ])
    expect((await office.login('ann@example.com')).status).toBe(429)
    const told = office.events.filter(({ type }) => type === 'login.failed').map(({ details }) => details)
    expect(told.map((one) => (one as { reason: string }).reason)).toEqual([
      ...['password', 'password', 'password'],
      ...['throttled', 'throttled'],
    ])
  })
})

describe('another address for me', () => {
  both('is mine when I follow the link that was mailed there', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, links })
    const ann = await office.person('ann@example.com')
    const asked = await office.post('/users/me/email', { email: ' Ann@New.example.com', password }, ann.token)
    expect([asked.status, asked.body]).toEqual([202, { accepted: true }])
    const token = await office.mailedTo('ann@new.example.com')
    const notice = office.mailer.lastTo('ann@example.com')
    expect(notice?.text).toContain('ann@new.example.com')
    expect(notice?.text).not.toContain(token)
    expect((await office.service.findUser(ann.id)).email).toBe('ann@example.com')
    const confirmed = await office.post('/auth/confirm-email', { token })
    expect([confirmed.status, confirmed.body]).toEqual([204, undefined])
    expect((await office.service.findUser(ann.id)).email).toBe('ann@new.example.com')
    expect((await office.login('ann@new.example.com')).status).toBe(200)
    expect(office.events.find(({ type }) => type === 'email.changed')).toMatchObject({
      userId: ann.id,
      details: { from: 'ann@example.com', to: 'ann@new.example.com' },
    })
    expect((await office.post('/auth/confirm-email', { token })).status).toBe(401)
  })

  both('takes my password, and is answered alike when somebody has it', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, links })
    const ann = await office.person('ann@example.com')
    await office.person('bob@example.com')
    const wrong = await office.post('/users/me/email', { email: 'a@new.example.com', password: 'not it' }, ann.token)
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, '/password'])
    const free = await office.post('/users/me/email', { email: 'free@example.com', password }, ann.token)
    const taken = await office.post('/users/me/email', { email: 'bob@example.com', password }, ann.token)
    expect([taken.status, taken.body]).toEqual([free.status, free.body])
    await office.service.settled()
    expect(office.mailer.sent.map(({ to }) => to).sort()).toEqual([
      'ann@example.com',
      'ann@example.com',
      'free@example.com',
    ])
  })

  both('is not had when somebody else took it meanwhile, and dies with the password', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, links })
    const ann = await office.person('ann@example.com')
    const ask = async (email: string) => {
      await office.post('/users/me/email', { email, password }, ann.token)
      return office.mailedTo(email)
    }
    const late = await ask('wanted@example.com')
    await office.person('wanted@example.com')
    const taken = await office.post('/auth/confirm-email', { token: late })
    expect([taken.status, taken.body.code]).toEqual([409, 'KWIK_ACCOUNTS_TAKEN'])
    const stolen = await ask('thief@example.com')
    await office.service.updateUser(ann.id, { password: fresh }, 'system')
    expect((await office.post('/auth/confirm-email', { token: stolen })).status).toBe(401)
    expect((await office.service.findUser(ann.id)).email).toBe('ann@example.com')
  })
})

both('events of my account know the request they came from', accountTables, async (db) => {
  const told: unknown[] = []
  const record = async (event: { type: string }, scope?: object) => void told.push([event.type, scope !== undefined])
  const office = new Office(db, { hashing: quick, events: { record } })
  await office.person('ann@example.com')
  await office.login('ann@example.com', 'not it')
  await office.login('ann@example.com')
  expect(told.slice(-2)).toEqual([
    ['login.failed', true],
    ['login.succeeded', true],
  ])
})
