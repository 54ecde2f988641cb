import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { answers, freePort } from '../e2e/registry.ts'
import { newApp, type TestApp } from './app.ts'
import { kwik, startKwik } from './command.ts'

const patience = 60_000
let app: TestApp
let untouched: TestApp
beforeAll(async () => {
  app = await newApp()
  untouched = app.copy()
}, patience)
afterAll(() => {
  app.remove()
  untouched.remove()
})

const edit = (file: string, from: string | RegExp, to: string): void => {
  const path = join(app.root, file)
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
}

describe('kwik db', () => {
  test(
    'two that migrate at once: one runs, the other waits',
    async () => {
      expect((await app.kwik('db', 'status')).code).toBe(1)
      const outs = (await Promise.all([app.kwik('db', 'migrate'), app.kwik('db', 'migrate')])).map(({ out }) => out)
      expect(outs.sort()).toEqual(['ran     0000_accounts\n', 'up to date\n'])
      const { code, out } = await app.kwik('db', 'status', '--json')
      expect(code).toBe(0)
      expect(JSON.parse(out)).toEqual([{ tag: '0000_accounts', applied: true, changed: false }])
    },
    patience,
  )

  test(
    'make asks nothing about a rename: it names both choices and ends with 1',
    async () => {
      expect((await app.kwik('g', 'resource', 'note', 'title!')).code).toBe(0)
      for (const file of [
        'src/resources/note/model.ts',
        'src/resources/note/schemas.ts',
        'test/resources/note.test.ts',
      ])
        edit(file, /title/g, 'heading')
      const { code, out, err } = await app.kwik('db', 'make')
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err).toContain('kwik db make --rename notes.title=notes.heading')
      expect(err).toContain('kwik db make --drop notes.title')
      const made = await app.kwik('db', 'make', '--rename', 'notes.title=notes.heading', '--name', 'heading')
      expect(made.out).toContain('create  migrations/postgresql/0002_heading.sql')
      expect(readFileSync(join(app.root, 'migrations/sqlite/0002_heading.sql'), 'utf8')).toMatch(/rename column/i)
      expect((await app.kwik('db', 'migrate')).out).toContain('ran     0002_heading')
    },
    patience,
  )

  test(
    'seeds a scenario, all of it or nothing',
    async () => {
      expect((await app.kwik('db', 'seed')).out).toBe('seeded  demo: 1 user\n')
      const again = await app.kwik('db', 'seed', '--scenario', 'demo')
      expect({ code: again.code, out: again.out }).toEqual({ code: 1, out: '' })
      expect(again.err).toContain('nothing was written')
      const typo = await app.kwik('db', 'seed', '--scenario', 'dmeo')
      expect({ code: typo.code, err: typo.err }).toEqual({ code: 2, err: 'no scenario "dmeo" — did you mean demo?\n' })
    },
    patience,
  )
})

describe('a database that cannot be used', () => {
  const at = (url: string) => kwik(['db', 'migrate'], { cwd: app.root, env: { DATABASE_URL: url } })

  test.each([
    ['postgres://somebody:sesame@127.0.0.1:1/shop', 'the database does not answer: connect ECONNREFUSED 127.0.0.1:1'],
    ['mysql://127.0.0.1/shop', 'not mysql:'],
    ['sqlite:/proc/none/app.sqlite', 'cannot open the SQLite database /proc/none/app.sqlite'],
  ])('at %s is named, and no password', async (url, message) => {
    const { code, out, err } = await at(url)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(message)
    expect(err).not.toMatch(/Error:|sesame/)
  })

  test(
    'is not seeded before its migrations have run',
    async () => {
      const { code, err } = await untouched.kwik('db', 'seed')
      expect({ code, err }).toEqual({
        code: 1,
        err: 'the database is not up to date (0000_accounts): run kwik db migrate\n',
      })
    },
    patience,
  )

  test('has no seed where the helpers of scenarios are', async () => {
    const { code, err } = await app.kwik('db', 'seed', '--scenario', 'index')
    expect({ code, err }).toEqual({ code: 2, err: 'no scenario "index" in src/scenarios; there are: demo\n' })
  })
})

describe('kwik accounts create-admin', () => {
  test(
    'says so when the tables are not there yet',
    async () => {
      const { code, err } = await untouched.kwik('accounts', 'create-admin', '--email', 'root@example.com')
      expect({ code, err }).toEqual({
        code: 1,
        err: 'the database is not up to date (0000_accounts): run kwik db migrate\n',
      })
    },
    patience,
  )

  const admin = ['accounts', 'create-admin']

  test(
    'makes a password and shows it once, or reads one',
    async () => {
      const { code, out } = await app.kwik(...admin, '--email', 'root@example.com')
      expect(code).toBe(0)
      expect(out).toMatch(/^password \S{24}$/m)
      const read = await kwik([...admin, '--email', 'bob@example.com', '--password-stdin'], {
        cwd: app.root,
        stdin: 'a long password\n',
      })
      expect(read).toEqual({ code: 0, out: 'made    bob@example.com, who may do everything\n', err: '' })
    },
    patience,
  )

  test(
    'says what is wrong, and never hangs',
    async () => {
      const weak = await kwik([...admin, '--email', 'eve@example.com', '--password-stdin'], {
        cwd: app.root,
        stdin: 'short',
      })
      expect(weak.code).toBe(1)
      expect(weak.err).toContain('8 to 1024 characters')
      expect((await app.kwik(...admin, '--email', 'root@example.com')).err).toContain(
        'email already in use: give another address',
      )
      expect(await app.kwik(...admin)).toMatchObject({ code: 2, err: 'not a terminal: pass --email\n' })
      expect(await app.kwik(...admin, '--email', 'eve@example.com', '--password-stdin')).toMatchObject({ code: 2 })
    },
    patience,
  )
})

describe('kwik test', () => {
  test(
    'passes flags of bun on, and runs the tests of one scenario',
    async () => {
      const all = await app.kwik('test', '-t', 'alive')
      expect(all.err).toMatch(/^ 1 pass$/m)
      const demo = await app.kwik('test', '--scenario', 'demo')
      expect(demo.err).toContain('test/app.test.ts')
      expect(demo.err).not.toContain('test/resources/note.test.ts')
      writeFileSync(join(app.root, 'src/scenarios/lonely.ts'), 'export default () => undefined\n')
      const lonely = await app.kwik('test', '--scenario', 'lonely')
      expect(lonely.code).toBe(1)
      expect(lonely.err).toContain('no test imports src/scenarios/lonely.ts')
      expect((await app.kwik('test', 'no-such-file')).code).toBe(1)
    },
    patience,
  )
})

describe('a mistake in the app', () => {
  test('is told with its file and line', async () => {
    const good = readFileSync(join(app.root, 'src/app.ts'), 'utf8')
    writeFileSync(join(app.root, 'src/app.ts'), `${good}const broken = (\n`)
    const { code, out, err } = await app.kwik('routes')
    writeFileSync(join(app.root, 'src/app.ts'), good)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/src\/app\.ts:\d+\n$/)
  })
})

describe('kwik routes', () => {
  test(
    'lists who may call what',
    async () => {
      const { out, code } = await app.kwik('routes')
      expect(code).toBe(0)
      expect(out).toMatch(/^GET +\/health\/live +anyone/m)
      expect(out).toMatch(/^GET +\/auth\/me +signed in/m)
      expect(out).toMatch(/^POST +\/notes +notes:create/m)
      expect(JSON.parse((await app.kwik('routes', '--json')).out)).toContainEqual(
        expect.objectContaining({ method: 'GET', path: '/users', who: 'users:read' }),
      )
    },
    patience,
  )
})

describe('kwik dev', () => {
  test(
    'says which port is taken, and ends',
    async () => {
      const other = Bun.serve({ port: 0, hostname: '127.0.0.1', reusePort: true, fetch: () => new Response() })
      try {
        const env = { PORT: String(other.port), HOST: '127.0.0.1' }
        const { code, err } = await kwik(['dev'], { cwd: app.root, env, patience })
        expect({ code, err }).toEqual({
          code: 1,
          err: `port ${other.port} is taken: stop what listens there, or choose another with --port or PORT\n`,
        })
      } finally {
        await other.stop(true)
      }
    },
    patience,
  )

  test(
    'keeps the last good code over a mistake, takes up the next, and ends by SIGTERM',
    async () => {
      const port = await freePort()
      const child = startKwik(['dev', '--port', String(port)], app.root)
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
      const url = `http://127.0.0.1:${port}`
      const good = readFileSync(join(app.root, 'src/app.ts'), 'utf8')
      try {
        await answers(`${url}/health/live`, child)
        edit('src/app.ts', /$/, '\nconst broken = (')
        await new Promise((resolve) => setTimeout(resolve, 500))
        expect((await fetch(`${url}/health/live`)).status).toBe(200)
        writeFileSync(
          join(app.root, 'src/app.ts'),
          good.replace(".get('/'", ".get('/new', () => 'new', { public: true }).get('/'"),
        )
        await answers(`${url}/new`, child)
      } finally {
        writeFileSync(join(app.root, 'src/app.ts'), good)
        child.kill('SIGTERM')
      }
      expect(await ended).toBe(0)
    },
    patience,
  )
})
