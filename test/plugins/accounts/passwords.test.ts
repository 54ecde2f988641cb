import { describe, expect, test } from '#test'
import type { PasswordHashing } from '../../../plugins/accounts/index.ts'
import { both, withDatabase } from '../../services.ts'
import { accountTables, Office, password, quick } from './app.ts'

describe('the length of a password', () => {
  both('is counted in characters, not in halves of them', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick })
    const { token } = await office.admin()
    const make = (email: string, word: string) => office.ask('POST', '/users', token, { email, password: word })
    const short = await make('four@example.com', '😀😀😀😀')
    expect([short.status, short.body.errors[0].code]).toEqual([422, 'too-short'])
    expect((await make('marks@example.com', 'e\u0301'.repeat(7))).status).toBe(422)
    expect((await make('most@example.com', '😀'.repeat(1024))).status).toBe(201)
    expect((await office.login('most@example.com', '😀'.repeat(1024))).status).toBe(200)
    expect((await make('more@example.com', '😀'.repeat(1025))).status).toBe(422)
    expect((await make('composed@example.com', 'ü'.normalize('NFC').repeat(1024))).status).toBe(201)
    expect((await office.login('composed@example.com', 'ü'.normalize('NFD').repeat(1024))).status).toBe(200)
  })
})

both('an old password that is hashed anew does not come back over a new one', accountTables, async (db) => {
  let meanwhile: (() => Promise<unknown>) | undefined
  const hashing: PasswordHashing = {
    ...quick,
    async hash(word) {
      const change = meanwhile
      meanwhile = undefined
      await change?.()
      return quick.hash(word)
    },
  }
  const office = new Office(db, { hashing })
  const { id } = await office.service.createUser({ email: 'ann@example.com', password: 'the stolen one' }, 'system')
  await office.login('nobody@example.com')
  // In another process: here the one that hashes holds the place of those that would.
  const elsewhere = new Office(db, { hashing: quick })
  meanwhile = () => elsewhere.service.updateUser(id, { password: 'the new one' }, 'system')
  await office.login('ann@example.com', 'the stolen one')
  expect(meanwhile).toBeUndefined()
  expect((await office.login('ann@example.com', 'the stolen one')).status).toBe(401)
  expect((await office.login('ann@example.com', 'the new one')).status).toBe(200)
})

test('a hash that failed once does not keep everybody out for ever', () =>
  withDatabase('SQLite in memory', accountTables, async (db) => {
    let fails = false
    const hashing: PasswordHashing = {
      ...quick,
      hash: (word) => (fails ? Promise.reject(new Error('no memory')) : quick.hash(word)),
    }
    const office = new Office(db, { hashing })
    await office.service.createUser({ email: 'ann@example.com', password }, 'system')
    fails = true
    expect((await office.login('ann@example.com')).status).toBe(500)
    fails = false
    expect((await office.login('ann@example.com')).status).toBe(200)
  }))

both('an address that only looks like another is no address', accountTables, async (db) => {
  const office = new Office(db, { hashing: quick })
  const { token } = await office.admin('root@example.com')
  for (const email of [
    'ro\u200bot@example.com',
    'root\u00ad@example.com',
    'root@exam\u2060ple.com',
    '\u202eroot@example.com',
    'root\ud800@example.com',
    'root\0@example.com',
    'root@example.com\r\nbcc: all@example.com',
    'root@example.com.',
    'root@example..com',
    'root@localhost',
    'root@a@example.com',
  ]) {
    const answer = await office.ask('POST', '/users', token, { email, password })
    expect([email, answer.status, answer.body.errors?.[0].pointer]).toEqual([email, 422, '/email'])
  }
  for (const email of [
    ' ROOT@EXAMPLE.COM\u00a0',
    '\ufeffroot@example.com',
    'roo\u212a@example.com',
    'rook@example.com',
  ])
    expect([email, (await office.ask('POST', '/users', token, { email, password })).status]).toEqual([
      email,
      email.includes('\u212a') ? 201 : 409,
    ])
})
