import { describe, expect, test } from '#test'
import { accountsService, type PasswordPolicy } from '../../../plugins/accounts/index.ts'
import { both, withDatabase } from '../../services.ts'
import { accountTables, links, Office, password, quick } from './app.ts'

type Refusal = { status: number; body: { errors: [{ code: string; pointer: string; detail: string }] } }
const codeOf = ({ status, body }: Refusal) => [status, body?.errors?.[0]?.code]

describe('a new password', () => {
  both('is none that everybody tries first', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token } = await office.admin('root@example.com')
    let at = 0
    const make = (word: string) =>
      office.ask('POST', '/users', token, { email: `user-${at++}@example.com`, password: word })
    for (const word of [
      'password',
      'Password1',
      'P4ssw0rd!23',
      'PASSWORD2024!',
      '12345678',
      '87654321',
      'qwertyuiop',
      'abcd1234',
      'aaaaaaaa',
      'abcabcabc',
      '1q2w3e4r5t',
      'iloveyou',
      'letmein!!!',
      'admin12345',
      'Summer2024',
      'changeme',
      'superman99',
      'hello world',
    ])
      expect([word, ...codeOf((await make(word)) as Refusal)]).toEqual([word, 422, 'common-password'])
    for (const word of [
      password,
      'now it is mine',
      'Tr0ub4dor&3',
      'pässwörd',
      'a9!8b7$6c5#4',
      'apple tree in the rain',
      '8274619-apple-9283746',
    ])
      expect([word, (await make(word)).status]).toEqual([word, 201])
  })

  both('does not contain the address or the name it is for', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token } = await office.admin('root@example.com')
    const make = (email: string, word: string, name?: string) =>
      office.ask('POST', '/users', token, { email, password: word, ...(name !== undefined && { name }) })
    for (const [word, name] of [
      ['josephine@example.com'],
      ['xx-JOSEPHINE-99'],
      ['vandermeer 4711', 'Jo Vandermeer'],
      ['JoVandermeer+1', 'Jo Vandermeer'],
    ] as const) {
      const refused = (await make('josephine@example.com', word, name)) as Refusal
      expect([word, ...codeOf(refused)]).toEqual([word, 422, 'personal-password'])
      expect(refused.body.errors[0].pointer).toBe('/password')
    }
    expect((await make('ann@example.com', 'annual banana', 'Ann Li')).status).toBe(201)
  })

  both('is held to the policy wherever one is chosen', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, links, register: true, passwords: { minLength: 12 } })
    const admin = await office.admin()
    const ann = await office.person('ann@example.com')
    await office.post('/auth/forgot-password', { email: 'ann@example.com' })
    const reset = await office.mailedTo('ann@example.com')
    const word = 'elevenchars'
    for (const [method, path, token, body] of [
      ['POST', '/users', admin.token, { email: 'b@example.com', password: word }],
      ['PATCH', `/users/${ann.id}`, admin.token, { password: word }],
      ['PUT', `/users/${ann.id}/password`, admin.token, { password: word }],
      ['PUT', '/users/me/password', ann.token, { current: password, password: word }],
      ['POST', '/auth/reset-password', undefined, { token: reset, password: word }],
      ['POST', '/auth/register', undefined, { email: 'c@example.com', password: word }],
    ] as const) {
      const answer = (await office.ask(method, path, token, body)) as Refusal
      expect([path, ...codeOf(answer)]).toEqual([path, 422, 'too-short'])
      expect(answer.body.errors[0]).toMatchObject({ detail: 'must have 12 to 1024 characters', pointer: '/password' })
    }
    await expect(office.service.createAdmin({ email: 'd@example.com', password: word })).rejects.toMatchObject({
      code: 'KWIK_INVALID',
    })
    expect((await office.login('ann@example.com')).status).toBe(200)
  })

  both('can be asked more of by the app, which is told whose it is', accountTables, async (db) => {
    const asked: unknown[] = []
    const check: PasswordPolicy['check'] = async (word, owner) => {
      asked.push([word, owner.email])
      return word.startsWith('leaked') ? 'was in a leak' : undefined
    }
    const office = new Office(db, { hashing: quick, passwords: { check } })
    const { token } = await office.admin()
    const refused = await office.ask('POST', '/users', token, { email: 'a@example.com', password: 'leaked phrase' })
    expect([refused.status, refused.body.errors[0]]).toEqual([
      422,
      { code: 'password-refused', detail: 'was in a leak', pointer: '/password' },
    ])
    expect(asked).toEqual([
      [password, 'admin@example.com'],
      ['leaked phrase', 'a@example.com'],
    ])
  })
})

both('a password from before the policy still signs in', accountTables, async (db) => {
  const before = new Office(db, { hashing: quick, passwords: { refuseCommon: false } })
  await before.service.createUser({ email: 'ann@example.com', password: 'password' }, 'system')
  const office = new Office(db, { hashing: quick, passwords: { minLength: 20 } })
  expect((await office.login('ann@example.com', 'password')).status).toBe(200)
})

test('a policy that cannot be is refused', () =>
  withDatabase('SQLite in memory', accountTables, async (db) => {
    for (const passwords of [{ minLength: 7 }, { minLength: 8.5 }, { maxLength: 63 }, { maxLength: 1025 }])
      expect(() => accountsService(db, { passwords })).toThrow('passwords.')
  }))
