import { Database } from 'bun:sqlite'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { openDatabase } from '../../plugins/database/index.ts'
import { postgresDatabase, withPostgres } from '../services.ts'
import { newApp, type TestApp } from './app.ts'

const patience = 60_000
const hash = `$2b$12$${'a'.repeat(53)}`

/** The tables of a Python Kwik, as far as they are read, with two people in them. */
const python = (id: string, bool: string): readonly string[] => [
  `create table users (id ${id}, name varchar not null, surname varchar not null, email varchar not null unique, hashed_password varchar not null, is_active ${bool} not null)`,
  `create table roles (id ${id}, name varchar not null, is_active ${bool} not null)`,
  `create table users_roles (id ${id}, user_id bigint not null, role_id bigint not null)`,
  `create table permissions (id ${id}, name varchar not null)`,
  `create table roles_permissions (id ${id}, role_id bigint not null, permission_id bigint not null)`,
  `insert into users (name, surname, email, hashed_password, is_active) values ('Ann', 'Li', 'ann@example.com', '${hash}', true), ('Off', '', 'off@example.com', '${hash}', false)`,
  "insert into roles (name, is_active) values ('editor', true)",
  "insert into permissions (name) values ('users_management_read'), ('orders_read')",
  'insert into users_roles (user_id, role_id) values (1, 1), (1, 1)',
  'insert into roles_permissions (role_id, permission_id) values (1, 1), (1, 1), (1, 2)',
]

let app: TestApp
beforeAll(async () => {
  app = await newApp()
  await app.kwik('db', 'make', '--name', 'import')
  expect((await app.kwik('db', 'migrate')).code).toBe(0)
}, patience)
afterAll(() => app.remove())

const tried = [
  'to make 1 role, 2 users',
  'skipped permission orders_read of editor: this app does not declare it. Name it with --map, or leave it out with null',
  'Nothing was changed: --apply does it.',
  '',
].join('\n')

describe('kwik accounts import', () => {
  test(
    'tells what it would take over from a SQLite file, does it with --apply, and changes nothing there',
    async () => {
      const file = join(app.root, 'old.sqlite')
      const old = new Database(file)
      for (const statement of python('integer primary key', 'boolean')) old.run(statement)
      old.close()
      const before = readFileSync(file)
      expect(await app.kwik('accounts', 'import', 'old.sqlite')).toEqual({ code: 0, out: tried, err: '' })
      writeFileSync(join(app.root, 'map.json'), JSON.stringify({ orders_read: null }))
      const done = await app.kwik('accounts', 'import', 'old.sqlite', '--apply', '--map', 'map.json')
      expect(done).toEqual({ code: 0, out: 'made    1 role, 2 users\n', err: '' })
      const again = await app.kwik('accounts', 'import', 'sqlite:old.sqlite', '--apply')
      expect(again.out).toBe('made    0 roles, 0 users\nkept    1 role, 2 users that are here already\n')
      expect(readFileSync(file).equals(before)).toBe(true)
      expect(existsSync(`${file}-wal`)).toBe(false)
      const here = new Database(join(app.root, 'data/app.sqlite'), { readonly: true })
      const users = here.query('select email, name, password_hash, is_active from users order by email').all()
      here.close()
      expect(users).toEqual([
        { email: 'ann@example.com', name: 'Ann Li', password_hash: hash, is_active: 1 },
        { email: 'off@example.com', name: 'Off', password_hash: hash, is_active: 0 },
      ])
    },
    patience,
  )

  test(
    'reads a JSON file, and names what does not fit in one',
    async () => {
      const write = (value: unknown) => writeFileSync(join(app.root, 'people.json'), JSON.stringify(value))
      write({ users: [{ email: 'json@example.com', roles: ['reader'] }], roles: [{ name: 'reader', permissions: [] }] })
      const { code, out } = await app.kwik('accounts', 'import', 'people.json')
      expect([code, out]).toEqual([0, expect.stringContaining('no password json@example.com')])

      const users = ['a', 'b', 'c', 'd', 'e'].map((one) => ({ email: `${one}@example.com`, roles: ['redaer'] }))
      write({ users, roles: [] })
      expect((await app.kwik('accounts', 'import', 'people.json')).out).toContain(
        'skipped role "redaer" of a@example.com, b@example.com, c@example.com and 2 more: it is not among the roles of the source\n',
      )
      for (const [value, words] of [
        [[], 'an object with "users" and "roles"'],
        [{ users: {} }, 'users must be a list'],
        [{ users: [{ email: 1 }] }, 'users[0].email must be a text'],
        [{ users: [{ email: 'a@example.com', isActive: 'yes' }] }, 'users[0].isActive must be true or false'],
        [{ roles: [{ name: 'r', permissions: 'x' }] }, 'roles[0].permissions must be a list of texts'],
      ] as const) {
        write(value)
        const wrong = await app.kwik('accounts', 'import', 'people.json')
        expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining(words)])
      }
    },
    patience,
  )

  test(
    'says what is wrong with a source',
    async () => {
      writeFileSync(join(app.root, 'broken.json'), '{')
      new Database(join(app.root, 'other.sqlite')).run('create table things (id integer)')
      for (const [source, words] of [
        ['gone.sqlite', 'gone.sqlite is not there'],
        ['gone.json', 'gone.json is not there'],
        ['broken.json', 'broken.json is no JSON'],
        ['other.sqlite', 'is no database of a Python Kwik'],
        ['postgres://me:the-password@127.0.0.1:1/old', 'postgres://127.0.0.1:1/old does not answer'],
      ] as const) {
        const { code, err } = await app.kwik('accounts', 'import', source)
        expect([source, code, err]).toEqual([source, 1, expect.stringContaining(words)])
        expect(err).not.toContain('the-password')
      }
    },
    patience,
  )

  withPostgres.test(
    'reads a database of PostgreSQL',
    async () => {
      const { url, drop } = await postgresDatabase()
      const fresh = app.copy()
      try {
        const old = openDatabase({ url, poolSize: 1 })
        for (const statement of python('bigserial primary key', 'boolean')) await old.execute(statement)
        await old.close()
        const empty = new Database(join(fresh.root, 'data/app.sqlite'))
        for (const table of ['user_roles', 'role_permissions', 'users', 'roles']) empty.run(`delete from ${table}`)
        empty.close()
        expect(await fresh.kwik('accounts', 'import', url)).toEqual({ code: 0, out: tried, err: '' })
      } finally {
        fresh.remove()
        await drop()
      }
    },
    patience,
  )
})
