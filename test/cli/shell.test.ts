import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { execute, kwik } from './command.ts'

let empty = ''
beforeAll(() => {
  empty = mkdtempSync(join(tmpdir(), 'kwik-empty-'))
})
afterAll(() => rmSync(empty, { recursive: true }))

describe('a word that is not known', () => {
  test.each([
    [['genrate'], 'No command registered for `genrate`, did you mean `generate`?'],
    [['db', 'migrat'], 'No command registered for `migrat`, did you mean `migrate`?'],
    [['g', 'resourec'], 'No command registered for `resourec`, did you mean `resource`?'],
    [['routes', '--jsno'], 'No flag registered for --jsno, did you mean --json?'],
    [['g', 'resource', 'thing', '--dry-rnu'], 'No flag registered for --dry-rnu, did you mean --dry-run?'],
    [
      ['foo'],
      'No command registered for `foo`; there are: generate, db, accounts, permissions, settings, secrets, versions, dev, test, build, start, routes, check, doctor',
    ],
    [['db', 'up'], 'No command registered for `up`; there are: make, migrate, status, seed'],
    [['--versoin'], 'No flag registered for --versoin, did you mean --version?'],
    [['dev', '--port', 'abc'], '"abc" is no port: write a number up to 65535'],
    [['test', '--scenaro', 'demo'], 'No flag registered for --scenaro, did you mean --scenario?'],
    [['g', 'resource', 'thing', 'name:strnig'], 'unknown type "strnig" in name:strnig — did you mean string?'],
    [['g', 'resource', '../x'], '"../x" is a path'],
    [['g', 'resource'], 'which resource? Write its name: kwik generate resource product name:string!'],
    [['g', 'resource', 'thing', 'size:int:3'], '"3" says nothing about an int in size:int:3'],
  ])('%j ends with 2, a suggestion on stderr, nothing on stdout', async (words, message) => {
    const { code, out, err } = await kwik(words, { cwd: empty })
    expect(err).toContain(message)
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })
})

describe('the shell', () => {
  test('shows help without an app around', async () => {
    const { code, out, err } = await kwik(['--help'], { cwd: empty })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const word of ['generate', 'db', 'dev', 'test', 'routes', 'accounts', '--version']) expect(out).toContain(word)
  })

  test('loads no work for help: no database, no Elysia, no questions', async () => {
    const { code, out } = await execute(
      'bun',
      [
        '-e',
        `process.argv = ['bun', 'kwik', '--help']; const { start } = await import('${new URL('../../cli/program.ts', import.meta.url).pathname}'); await start(['--help'])
         console.log(JSON.stringify([...Loader.registry.keys()]))`,
      ],
      { cwd: empty },
    )
    expect(code).toBe(0)
    expect(out).not.toMatch(/node_modules\/(elysia|drizzle-orm|pg|redis|@clack)\//)
  })

  test('tells its version', async () => {
    expect((await kwik(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('writes no colours into a pipe, nor with NO_COLOR', async () => {
    const surroundings: Record<string, string>[] = [{}, { NO_COLOR: '1' }]
    for (const env of surroundings) expect((await kwik(['--help'], { env })).out).not.toContain('\u001b')
  })

  test('is quiet when its reader goes away', async () => {
    const cli = new URL('../../cli/index.ts', import.meta.url).pathname
    const script = `set -o pipefail; bun ${cli} generate resource --help | head -1; echo rc $?`
    const { out, err } = await execute('bash', ['-c', script])
    expect(err).toBe('')
    expect(out).toEndWith('rc 0\n')
  })

  test.each([
    [['g', 'resource', 'thing']],
    [['db', 'make']],
    [['db', 'migrate']],
    [['db', 'status']],
    [['db', 'seed']],
    [['test']],
    [['dev']],
    [['routes']],
    [['accounts', 'create-admin', '--email', 'a@example.com']],
    [['accounts', 'import', 'old.sqlite']],
  ])('%j outside an app says so at once, stdin closed', async (words) => {
    const { code, out, err } = await kwik(words, { cwd: empty, patience: 5_000 })
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('no app of Kwik')
  })
})

describe('kwik test', () => {
  test('leaves flags of bun to bun', async () => {
    const { escapeBunFlags } = await import('../../cli/commands/test.ts')
    expect(escapeBunFlags(['test', '--coverage', '--scenario', 'demo', '-t', 'name', 'file'])).toEqual([
      'test',
      '--scenario',
      'demo',
      '--',
      '--coverage',
      '-t',
      'name',
      'file',
    ])
    expect(escapeBunFlags(['routes', '--json'])).toEqual(['routes', '--json'])
  })
})
