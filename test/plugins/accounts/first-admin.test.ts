import { boot } from '#core/boot'
import { Secret } from '#core/secret'
import { describe, expect, test } from '#test'
import { firstAdminIn } from '../../../plugins/accounts/index.ts'
import { openDatabase } from '../../../plugins/database/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { accountTables, Office, password, quick } from './app.ts'

const firstAdmin = { email: 'root@example.com', password }

/** Waits for what starts with the app, which nobody waits for. */
async function started(office: Office, done: () => Promise<boolean> | boolean): Promise<void> {
  boot(office.app)
  for (let at = 0; at < 200 && !(await done()); at++) await new Promise((go) => setTimeout(go, 10))
}

describe('the first administrator', () => {
  both('of the settings is made at start, and signs in', accountTables, async (db) => {
    const office = new Office(db, { hashing: quick, firstAdmin })
    await started(office, () => office.service.hasAdmin())
    const { body } = await office.login('root@example.com')
    expect((await office.ask('GET', '/auth/me', body.accessToken)).body.permissions).toEqual(['*'])
  })

  both('of the settings is nobody where there is one', accountTables, async (db) => {
    const before = new Office(db, { hashing: quick })
    await before.admin('ann@example.com')
    const office = new Office(db, { hashing: quick, firstAdmin })
    expect(await office.service.createFirstAdmin()).toBe(false)
    expect((await office.login('root@example.com')).status).toBe(401)
  })

  test('with a weak password is not made, and the log says why, without the password', () =>
    withDatabase('SQLite in memory', accountTables, async (db) => {
      const lines: string[] = []
      const logger = {
        debug() {},
        info() {},
        warning() {},
        error: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
      }
      const office = new Office(db, { hashing: quick, logger, firstAdmin: { ...firstAdmin, password: 'changeme' } })
      await expect(office.service.createFirstAdmin()).rejects.toMatchObject({ code: 'KWIK_INVALID' })
      expect(await office.service.hasAdmin()).toBe(false)
      expect(lines.join()).not.toContain('changeme')
    }))

  both('is taken from the settings as they are', accountTables, async (db) => {
    const settings = { firstAdmin: { email: 'root@example.com', password: new Secret(password) } }
    const office = new Office(db, { hashing: quick, ...settings })
    expect(await office.service.createFirstAdmin()).toBe(true)
    expect((await office.login('root@example.com')).status).toBe(200)
    const nobody = new Office(db, { hashing: quick, firstAdmin: { email: undefined } })
    expect(await nobody.service.createFirstAdmin()).toBe(false)
    expect(() => new Office(db, { hashing: quick, firstAdmin: { email: 'root@example.com' } })).toThrow('go together')
  })

  test('is said by two variables, or by none', () => {
    expect(firstAdminIn({})).toBe(undefined)
    expect(firstAdminIn({ KWIK_ADMIN_EMAIL: '', KWIK_ADMIN_PASSWORD: '' })).toBe(undefined)
    expect(firstAdminIn({ KWIK_ADMIN_EMAIL: 'a@example.com', KWIK_ADMIN_PASSWORD: 'x' })).toEqual({
      email: 'a@example.com',
      password: 'x',
    })
    for (const one of [{ KWIK_ADMIN_EMAIL: 'a@example.com' }, { KWIK_ADMIN_PASSWORD: 'x' }])
      expect(() => firstAdminIn(one)).toThrow('go together')
  })
})

withPostgres.test('many processes that start at once make one first administrator', () =>
  withDatabase('PostgreSQL', accountTables, async (_, url) => {
    const databases = Array.from({ length: 4 }, () => openDatabase({ url, poolSize: 2 }))
    try {
      const made = await Promise.all(
        databases.map((db) => new Office(db, { hashing: quick, firstAdmin }).service.createFirstAdmin()),
      )
      expect(made.sort()).toEqual([false, false, false, true])
    } finally {
      for (const db of databases) await db.close()
    }
  }),
)
