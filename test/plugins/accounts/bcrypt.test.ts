import { eq } from 'drizzle-orm'
import { describe, expect } from '#test'
import {
  type AccountsServiceOptions,
  argon2Hashing,
  bunHashing,
  type PasswordHashing,
  users,
} from '../../../plugins/accounts/index.ts'
import { both, type withDatabase } from '../../services.ts'
import { accountTables, Office, password, quick } from './app.ts'

const onBun = 'Bun' in globalThis

const long = 'x'.repeat(100)

/** New hashes need no package here: only old ones are asked of the library. */
const taking: PasswordHashing = onBun
  ? bunHashing
  : { ...quick, verify: (word, stored) => (stored.startsWith('$2') ? argon2Hashing : quick).verify(word, stored) }

async function stored(db: Parameters<Parameters<typeof withDatabase>[2]>[0], passwordHash?: string): Promise<string> {
  const u = users.for(db)
  if (passwordHash !== undefined) await db.drizzle.update(u).set({ passwordHash })
  return (await db.drizzle.select({ hash: u.passwordHash }).from(u).where(eq(u.email, 'ann@example.com')))[0]!.hash
}

describe('a hash of bcrypt', () => {
  const made: Promise<Record<string, string>> = hashes()
  for (const name of ['$2b$', '$2a$', '$2y$'])
    both(`that begins with ${name} signs in, and is made anew`, accountTables, async (db) => {
      const office = new Office(db, { hashing: taking })
      await office.service.createUser({ email: 'ann@example.com', password: 'some other phrase' }, 'system')
      await stored(db, (await made)['usual']!.replace(/^.{4}/, name))
      expect((await office.login('ann@example.com', 'not it')).status).toBe(401)
      expect((await stored(db)).slice(0, 4)).toBe(name)
      expect((await office.login('ann@example.com')).status).toBe(200)
      expect(await stored(db)).not.toMatch(/^\$2/)
      expect((await office.login('ann@example.com')).status).toBe(200)
    })

  both('of a long password is read as it was made: by its first 72 bytes', accountTables, async (db) => {
    const office = new Office(db, { hashing: taking })
    await office.service.createUser({ email: 'ann@example.com', password: 'some other phrase' }, 'system')
    await stored(db, (await made)['long']!)
    expect((await office.login('ann@example.com', long.slice(0, 71))).status).toBe(401)
    expect((await office.login('ann@example.com', long)).status).toBe(200)
    // From now on all of it counts.
    expect((await office.login('ann@example.com', long.slice(0, 72))).status).toBe(401)
    expect((await office.login('ann@example.com', long)).status).toBe(200)
  })

  both('that cannot be read is a refusal like any other, and told', accountTables, async (db) => {
    const lines: unknown[] = []
    const logger = { debug() {}, info() {}, warning() {}, error: (...line: unknown[]) => void lines.push(line) }
    const options: AccountsServiceOptions = { hashing: taking, logger, throttle: false }
    const office = new Office(db, options)
    await office.service.createUser({ email: 'ann@example.com', password: 'some other phrase' }, 'system')
    for (const broken of ['$2b$04$short', '$2x$10$abc', '$2b$99$'.padEnd(60, 'x')]) {
      await stored(db, broken)
      const { status, body } = await office.login('ann@example.com')
      expect([broken, status, body.code]).toEqual([broken, 401, 'KWIK_ACCOUNTS_LOGIN_REFUSED'])
    }
    expect(office.typesOfEvents().filter((type) => type === 'hash.unreadable').length).toBeGreaterThanOrEqual(2)
    expect(JSON.stringify(lines)).toContain('a stored password hash cannot be read')
    expect(JSON.stringify(lines)).not.toContain(password)
  })
})

/** Made once, by whichever library is here. */
async function hashes(): Promise<Record<string, string>> {
  type Bcrypt = { hash(word: string, cost: number): Promise<string> }
  const name = 'bcryptjs'
  const { default: bcrypt } = (await import(name)) as { default: Bcrypt }
  const make = (word: string, cost: number) => bcrypt.hash(word, cost)
  return { usual: await make(password, 4), long: await make(long, 4) }
}
