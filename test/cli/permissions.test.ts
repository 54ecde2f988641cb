import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { accountsService } from '../../plugins/accounts/index.ts'
import { openDatabase } from '../../plugins/database/index.ts'
import { newApp, type TestApp } from './app.ts'

const patience = 60_000
let app: TestApp
beforeAll(async () => {
  app = await newApp()
  await app.kwik('g', 'resource', 'note', 'title:string')
  await app.kwik('db', 'make', '--name', 'tenants')
  await app.kwik('db', 'migrate')
  await inDatabase(async (db) => {
    const permissions = ['notes:read', 'notes:update', 'users:read']
    const accounts = accountsService(db, { permissions })
    await accounts.createRole({ name: 'editor', permissions: ['notes:*'] }, 'system')
    await accounts.createRole({ name: 'reader', permissions: ['notes:read'] }, 'system')
    const old = await accounts.createRole({ name: 'old', permissions: ['notes:read'] }, 'system')
    await accounts.updateRole(old.id, { isActive: false }, 'system')
  })
}, patience)
afterAll(() => app.remove())

async function inDatabase(work: (db: ReturnType<typeof openDatabase>) => Promise<unknown>): Promise<void> {
  const db = openDatabase({ url: `sqlite:${join(app.root, 'data/app.sqlite')}` })
  try {
    await work(db)
  } finally {
    await db.close()
  }
}
const edit = (file: string, from: string, to: string): void => {
  const path = join(app.root, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replaceAll(from, to))
}

describe('kwik permissions', () => {
  test(
    'shows which role is enough for which route, and which routes need none',
    async () => {
      const { out, code, err } = await app.kwik('permissions')
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^ +editor +old \(inactive\) +reader$/m)
      expect(out).toMatch(/^GET +\/notes +yes +- +yes +notes:read$/m)
      expect(out).toMatch(/^PATCH +\/notes\/:id +yes +- +- +notes:update$/m)
      expect(out).toMatch(/^GET +\/health\/live +anyone$/m)
      expect(out).toMatch(/^GET +\/auth\/me +signed in$/m)
      expect((await app.kwik('perms')).out).toBe(out)
      const { roles, routes } = JSON.parse((await app.kwik('permissions', '--json')).out)
      expect(roles).toContainEqual({ name: 'old', isActive: false, permissions: ['notes:read'] })
      expect(routes).toContainEqual({
        method: 'DELETE',
        path: '/notes/:id',
        who: 'notes:delete',
        permissions: ['notes:delete'],
        roles: { editor: 'yes', old: 'no', reader: 'no' },
      })
      expect(routes).toContainEqual({ method: 'GET', path: '/auth/me', who: 'signed in', permissions: [] })
    },
    patience,
  )

  test(
    'says own for a role that holds the form for what is one’s own alone',
    async () => {
      const owned = ", { permission: { any: ['notes:read', 'notes:read:own'] } })"
      edit('src/resources/note/permissions.ts', "'notes:read'", "'notes:read', 'notes:read:own'")
      edit(
        'src/resources/note/routes.ts',
        '.use(noteResource)',
        `.use(platform).get('/mine', () => []${owned}.use(noteResource)`,
      )
      edit(
        'src/resources/note/routes.ts',
        'import { Elysia }',
        "import { platform } from '../../platform.ts'\nimport { Elysia }",
      )
      await inDatabase(async (db) => {
        const accounts = accountsService(db, { permissions: ['notes:read:own'] })
        await accounts.createRole({ name: 'writer', permissions: ['notes:*:own'] }, 'system')
      })
      const { out } = await app.kwik('permissions')
      expect(out).toMatch(/^ +editor +old \(inactive\) +reader +writer$/m)
      expect(out).toMatch(/^GET +\/mine +yes +- +yes +own +notes:read or notes:read:own$/m)
      expect(out).toMatch(/^GET +\/notes +yes +- +yes +- +notes:read$/m)
      await inDatabase((db) => db.values("delete from roles where name = 'writer'"))
      edit(
        'src/resources/note/routes.ts',
        `.use(platform).get('/mine', () => []${owned}.use(noteResource)`,
        '.use(noteResource)',
      )
      edit('src/resources/note/permissions.ts', ", 'notes:read:own'", '')
    },
    patience,
  )

  test(
    '--unused lists what is declared and never asked for',
    async () => {
      expect((await app.kwik('permissions', '--unused')).out).toBe('every permission is asked for\n')
      edit('src/resources/note/permissions.ts', "'notes:read'", "'notes:read', 'notes:spare'")
      expect(await app.kwik('permissions', '--unused')).toEqual({ code: 0, out: 'notes:spare\n', err: '' })
      expect((await app.kwik('permissions', '--unused', '--json')).out).toBe('["notes:spare"]\n')
      edit('src/resources/note/permissions.ts', ", 'notes:spare'", '')
    },
    patience,
  )

  test(
    'bump tells every process to read anew',
    async () => {
      const told = 'told    every process reads anew what everybody may do\n'
      expect(await app.kwik('permissions', 'bump')).toEqual({ code: 0, out: told, err: '' })
      expect((await app.kwik('perms', 'bump')).out).toBe(told)
      const typo = await app.kwik('permissions', 'bmup')
      expect([typo.code, typo.err.includes('did you mean `bump`?')]).toEqual([2, true])
    },
    patience,
  )
})

describe('kwik check', () => {
  test(
    'fails for a stored role that grants what was renamed in code, and suggests the nearest name',
    async () => {
      const right = await app.kwik('check', '--permissions')
      expect(right).toEqual({ code: 0, out: 'checked  what 3 roles grant\n', err: '' })
      await inDatabase((db) =>
        db.values(
          "update role_permissions set permission = 'note:read' where role_id = (select id from roles where name = 'reader')",
        ),
      )
      const wrong = await app.kwik('check', '--permissions')
      expect(wrong.code).toBe(1)
      expect(wrong.out).toContain(
        'stray    role reader grants note:read, which is not declared: did you mean notes:read?\n',
      )
      const { out, code } = await app.kwik('check', '--permissions', '--json')
      expect([code, JSON.parse(out)]).toEqual([
        1,
        { roles: 3, stray: [{ role: 'reader', permission: 'note:read', suggestion: 'notes:read' }] },
      ])
      // Without a flag everything is checked.
      const all = await app.kwik('check', '--json')
      expect([all.code, Object.keys(JSON.parse(all.out))]).toEqual([1, ['indexes', 'permissions']])
      expect((await app.kwik('check')).out).toContain('stray    role reader')
    },
    patience,
  )
})
