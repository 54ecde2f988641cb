import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { managerOf } from '../../cli/create-kwik/package-client.ts'
import { writeApp } from '../../cli/create-kwik/template.ts'
import { execute } from './command.ts'
import { ctrlC, enter, onTerminal } from './terminal.ts'

const entry = fileURLToPath(new URL('../../cli/create-kwik/create.ts', import.meta.url))
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kwik create-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const create = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  execute('bun', [entry, ...words], { cwd: folder, env, patience: 10_000 })
const quick = ['--yes', '--no-install', '--no-git']

describe('bun create kwik', () => {
  test('makes an app of that name, in a folder with spaces around it', async () => {
    const { code, out, err } = await create(['My Shop', ...quick])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain("cd 'My Shop'")
    const app = join(folder, 'My Shop')
    expect(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-shop' })
    for (const file of [
      '.gitignore',
      '.env.example',
      'bunfig.toml',
      'src/index.ts',
      'src/resources/index.ts',
      'test/app.test.ts',
    ])
      expect(existsSync(join(app, file))).toBe(true)
    expect(readdirSync(app).filter((name) => name.startsWith('_'))).toEqual([])
    expect(readdirSync(folder).filter((name) => name.includes('.kwik-'))).toEqual([])
  })

  test('begins on the database that is asked for', async () => {
    await create(['pg', '--db', 'postgres', '--no-install', '--no-git'])
    expect(readFileSync(join(folder, 'pg/.env.local'), 'utf8')).toMatch(/^DATABASE_URL=postgres:.*\/pg$/m)
    await create(['lite', '--db', 'sqlite', '--no-install', '--no-git'])
    expect(existsSync(join(folder, 'lite/.env.local'))).toBe(false)
  })

  test('pins the versions that Kwik itself is made with', () => {
    const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const template = JSON.parse(
      readFileSync(new URL('../../cli/create-kwik/template/package.json', import.meta.url), 'utf8'),
    )
    const versions = { ...own.dependencies, ...own.devDependencies, kwik: own.version }
    for (const [name, version] of Object.entries({ ...template.dependencies, ...template.devDependencies }))
      expect([name, version]).toEqual([name, versions[name]])
  })

  test('is packed with every file of its template', async () => {
    const package_ = fileURLToPath(new URL('../../cli/create-kwik', import.meta.url))
    const { out } = await execute('bun', ['pm', 'pack', '--dry-run'], { cwd: package_ })
    const packed = [...out.matchAll(/^packed \S+ template\/(.*)$/gm)].map(([, name]) => name)
    const files = readdirSync(join(package_, 'template'), { recursive: true, withFileTypes: true })
    expect(packed.length).toBe(files.filter((file) => file.isFile()).length)
  })

  test('speaks of the package manager that made the app', async () => {
    await create(['by-npm', ...quick], { npm_config_user_agent: 'npm/10.8.2 node/v20.20.2 linux x64' })
    const readme = readFileSync(join(folder, 'by-npm/README.md'), 'utf8')
    expect(readme).toMatch(/^npm run dev /m)
    expect(readme).toMatch(/^npx kwik generate/m)
    expect(readme).not.toMatch(/\bbun /)
  })

  test('takes a folder that is empty but for .git, and leaves one with files', async () => {
    mkdirSync(join(folder, 'clone/.git'), { recursive: true })
    expect((await create(['clone', ...quick])).code).toBe(0)
    expect(existsSync(join(folder, 'clone/.git'))).toBe(true)

    mkdirSync(join(folder, 'full'))
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'full', name), name)
    const { code, err, out } = await create(['full', ...quick])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('full has 3 files')
    expect(readdirSync(join(folder, 'full')).sort()).toEqual(['a', 'b', 'c'])
    expect((await create(['full/a', ...quick])).err).toContain('is a file')
  })

  test.each([
    [[], 'pass a folder'],
    [['app'], 'pass --db sqlite|postgres'],
    [['app', '--dbb', 'sqlite'], 'No flag registered for --dbb, did you mean --db?'],
    [['app', '--db', 'sqllite'], '--db sqllite is not known, did you mean sqlite?'],
    [['app', '--db'], '--db needs a value'],
    [['app', 'other', '--yes'], 'one folder, please'],
    [['app', '--yes=no'], '--yes takes no value'],
  ])('%j without a terminal ends with 2 and the words to pass', async (words, message) => {
    const { code, out, err } = await create(words)
    expect(err).toContain(message)
    expect({ code, out, made: existsSync(join(folder, 'app')) }).toEqual({ code: 2, out: '', made: false })
  })

  test('keeps the app when the packages cannot be installed, and says what to run', async () => {
    const { code, out } = await create(['offline', '--yes', '--no-git'], {
      npm_config_user_agent: 'bun/1.4.5',
      BUN_CONFIG_REGISTRY: 'http://127.0.0.1:9/',
    })
    expect(code).toBe(0)
    expect(out).toContain('Run "bun install"')
    expect(existsSync(join(folder, 'offline/package.json'))).toBe(true)
  }, 20_000)

  test('makes a git repository, but not in one', async () => {
    await create(['outer', '--yes', '--no-install'])
    expect(existsSync(join(folder, 'outer/.git'))).toBe(true)
    await create(['outer/inner', '--yes', '--no-install'])
    expect(existsSync(join(folder, 'outer/inner/.git'))).toBe(false)
  })
})

describe('on a terminal', () => {
  test('it asks for what was not said', async () => {
    const { code } = await onTerminal(['bun', entry, '--no-install', '--no-git'], folder, [
      { after: 'Which folder?', keys: `asked${enter}` },
      { after: 'Which database?', keys: `\u001b[B${enter}` },
    ])
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'asked/.env.local'), 'utf8')).toMatch(/^DATABASE_URL=postgres/m)
  })

  test('Ctrl-C leaves with 130 and nothing made', async () => {
    const { code } = await onTerminal(['bun', entry, 'cancelled'], folder, [{ after: 'Which database?', keys: ctrlC }])
    expect(code).toBe(130)
    expect(readdirSync(folder).filter((name) => name.includes('cancelled'))).toEqual([])
  })

  test('Ctrl-C during the installation takes the app away again', async () => {
    // A registry that takes calls and never answers.
    const registry = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
    const child = spawn('bun', [entry, 'waiting', '--yes', '--no-git'], {
      cwd: folder,
      env: {
        ...process.env,
        BUN_CONFIG_REGISTRY: `http://127.0.0.1:${registry.port}/`,
        BUN_INSTALL_CACHE_DIR: join(folder, 'cache'),
      },
      stdio: 'ignore',
    })
    try {
      const made = join(folder, 'waiting/package.json')
      while (!existsSync(made)) await new Promise((resolve) => setTimeout(resolve, 10))
      await new Promise((resolve) => setTimeout(resolve, 200))
      child.kill('SIGINT')
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130)
      expect(existsSync(join(folder, 'waiting'))).toBe(false)
    } finally {
      registry.stop(true)
    }
  }, 20_000)
})

test('the package manager is the one that runs it', () => {
  expect(managerOf('npm/10.8.2 node/v20.20.2 linux x64')).toBe('npm')
  expect(managerOf('pnpm/9.0.0 npm/? node/v20')).toBe('pnpm')
  expect(managerOf('bun/1.4.5 npm/? node/v26')).toBe('bun')
  expect(managerOf(undefined)).toBe('bun')
})

test('an app on PostgreSQL has its URL in .env.local, under its own name', async () => {
  const app = join(folder, 'on-postgres')
  await writeApp(app, { name: 'on-postgres', version: '1.2.3', db: 'postgres', bringBun: true })
  expect(readFileSync(join(app, '.env.local'), 'utf8')).toMatch(/^DATABASE_URL=postgres.*on-postgres/)
  expect(readFileSync(join(app, 'README.md'), 'utf8')).toContain('npm')
})
