import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '#test'
import { defineSettings, T } from '../../../plugins/settings/index.ts'
import { canary, mark } from '../../canary.ts'
import { faultsOf, folder, write } from './folder.ts'
import { faults, read, schema } from './reading.ts'

/** What begins an interpolation, which a linter takes for a template's. */
const dollars = (text: string): string => text.replaceAll('#{', ['$', '{'].join(''))

describe('files of values', () => {
  test('count from base over profiles to local, and less than .env and the environment', () => {
    const files = {
      'config/base.yaml': 'server:\n  port: 1\n  host: base\nmode: fast\n',
      'config/production.json': '{ "server": { "port": 2 } }',
      'config/local.yaml': 'debug: true\n',
      '.env': 'KWIK_MODE=slow\n',
    }
    const settings = read(files, { env: { KWIK_PROFILE: 'production' } })
    expect(settings.current).toMatchObject({ server: { port: 2, host: 'base' }, mode: 'slow', debug: true })
    expect(settings.explain('server.port')).toEqual({
      key: 'server.port',
      value: '2',
      from: 'config/production.json:1:23',
      hot: false,
      overrides: [
        { value: '1', from: 'config/base.yaml:2:9' },
        { value: '3000', from: 'default' },
      ],
    })
    expect(read(files, { env: { PORT: '9' } }).current.server.port).toBe(9)
  })

  test('that are local do not count in tests', () => {
    const files = { 'config/local.yaml': 'debug: true', 'config/test.yaml': 'mode: fast' }
    expect(read(files, { profile: 'test' }).current).toMatchObject({ debug: false, mode: 'fast' })
  })

  test('of two profiles count in the order of production,eu', () => {
    const files = {
      'config/base.yaml': 'server: { port: 1, host: base }',
      'config/production.yaml': 'server: { port: 2, bodyLimit: 5 }',
      'config/eu.yaml': 'server: { port: 3 }',
      '.env.production': 'KWIK_NOTE=production',
      '.env.eu': 'KWIK_NOTE=eu',
    }
    const profiles = ['development', 'production', 'eu']
    const settings = read(files, { profiles, env: { KWIK_PROFILE: 'production,eu' } })
    expect(settings.current).toMatchObject({ server: { port: 3, host: 'base', bodyLimit: 5 }, note: 'eu' })
    expect([settings.profile, settings.profiles]).toEqual(['production', ['production', 'eu']])
    const other = read(files, { profiles, profile: 'eu, production' })
    expect(other.current).toMatchObject({ server: { port: 2 }, note: 'production' })
    expect(faults(files, { profiles, env: { KWIK_PROFILE: 'production,ue' } })[0]).toContain('did you mean "eu"?')
  })

  test('replace the list and the record of a weaker layer, and append only where the schema says so', () => {
    const files = {
      'config/base.yaml': 'origins: [https://b]\nhooks: [second]\nflags: { b: true }\nlabels: { b: y }',
      'config/development.yaml': 'origins: [https://c]\nhooks: [third]\nflags: { c: true }\nlabels: { a: z }',
    }
    expect(read(files).current).toMatchObject({
      origins: ['https://c'],
      flags: { c: true },
      hooks: ['first', 'second', 'third'],
      labels: { a: 'z', b: 'y' },
    })
    expect(read(files).current.flags).toEqual({ c: true })
    expect(read(files, { env: { KWIK_HOOKS: 'fourth,fifth' } }).current.hooks.join()).toBe(
      'first,second,third,fourth,fifth',
    )
    expect(() => defineSettings(T.Object({ a: T.String({ merge: 'append' }) }), { env: {} })).toThrow('a is no list')
    expect(() => defineSettings(T.Object({ a: T.String({ reload: 'hto' }) }), { env: {} })).toThrow(
      'did you mean "hot"?',
    )
  })

  test('may be modules', () => {
    const files = {
      'config/base.ts': dollars('const port: number = 4000 + 80\nexport default { server: { port, host: "$#{x}" } }\n'),
    }
    expect(read(files).current.server).toMatchObject({ port: 4080, host: dollars('#{x}') })
    expect(read(files).explain('server.port').from).toBe('config/base.ts')
    expect(faults({ 'config/base.ts': `throw new RangeError("${canary}")` })).toEqual([
      'config/base.ts throws RangeError when it is loaded',
    ])
    expect(faults({ 'config/base.ts': 'export const x = 1' })).toEqual([
      'config/base.ts must export an object as default',
    ])
    expect(faults({ 'config/base.ts': 'export default { server: { prot: 1 } }' })).toEqual([
      'config/base.ts unknown key server.prot, did you mean "server.port"?',
    ])
  })

  test('are refused when two are one layer: base.yaml and base.json', () => {
    expect(faults({ 'config/base.yaml': 'debug: true', 'config/base.json': '{}' })).toEqual([
      'config/base.yaml and config/base.json are one layer: keep one of them',
    ])
    expect(faults({ 'config/local.yml': '', 'config/local.yaml': '' })[0]).toContain('are one layer')
  })

  test('with an unknown nested key name it with its line and what was meant', () => {
    expect(
      faults({ 'config/production.yaml': 'debug: false\nserver:\n  hots: x\n' }, { profile: 'production' }),
    ).toEqual(['config/production.yaml:3:3 unknown key server.hots, did you mean "server.host"?'])
    expect(faults({ 'config/base.json': '{\n "nothing": 1 }' })).toEqual(['config/base.json:2:2 unknown key nothing'])
  })

  test('with broken syntax say where, and the rest is checked all the same', () => {
    expect(faults({ 'config/base.yaml': 'a: 1\na: 2\n', 'config/development.json': '{ "debug": "yes" }' })).toEqual([
      'config/base.yaml:2:1 the name was set already',
      'debug: expected boolean (got "yes" from config/development.json:1:12)',
    ])
    expect(faults({ 'config/base.yaml': 'server: 5\ndebug:\n' })).toEqual([
      'server is a group of settings (from config/base.yaml:1:1)',
      'debug is empty: write a value, or leave it out (from config/base.yaml:2:7)',
    ])
    expect(read({ 'config/base.yaml': 'server:\n  # port: 1\n' }).current.server.port).toBe(3000)
  })

  test('with a value that is none in its file have one fault for it', () => {
    expect(
      faults({ 'config/base.yaml': 'note: 0x1F\nserver:\n  host: *nope\nlabels: { a: 1e3 }\norigins: [012]\n' }),
    ).toEqual([
      expect.stringMatching(
        /^config\/base.yaml:1:7 write numbers in plain digits, or put it in quotes when it is a text/,
      ),
      'config/base.yaml:3:9 an alias has no anchor before it',
      expect.stringMatching(/^config\/base.yaml:4:14 write numbers/),
      expect.stringMatching(/^config\/base.yaml:5:11 write numbers/),
    ])
    expect(
      faults({ 'config/base.yaml': dollars('server: *nope\nnote: "#{server.host} #{mode}"\nmode: 1e3') }),
    ).toHaveLength(2)
  })

  test('with a number or true for a text say that it goes in quotes', () => {
    const hint = 'expected string, put it in quotes'
    expect(
      faults({ 'config/base.yaml': 'server:\n  host: 1.1\nnote: true\norigins: [a, 5]\nlabels: { a: 2 }\n' }),
    ).toEqual([
      `server.host: ${hint} (got 1.1 from config/base.yaml:2:9)`,
      `origins.1: ${hint} (got ["a",5] from config/base.yaml:4:10)`,
      `labels.a: ${hint} (got {"a":2} from config/base.yaml:5:9)`,
      `note: ${hint} (got true from config/base.yaml:3:7)`,
    ])
    expect(faults({ 'config/base.json': '{"note": 5}' })[0]).toContain(hint)
    expect(faults({ 'config/base.yaml': 'note: [a]' })[0]).not.toContain('quotes')
  })

  test('that are not UTF-8 are refused, of all kinds', () => {
    const bytes = new Uint8Array([0x61, 0x3d, 0xff, 0xfe])
    const wrong = (name: string, env: Record<string, string> = {}) => {
      const dir = folder({ 'config/none': '' })
      writeFileSync(join(dir, name), bytes)
      return faults({}, { dir, env })
    }
    expect(wrong('config/base.yaml')).toEqual(['config/base.yaml cannot be read: the file is not UTF-8'])
    expect(wrong('config/base.json')).toEqual(['config/base.json cannot be read: the file is not UTF-8'])
    expect(wrong('.env')).toEqual(['.env cannot be read: the file is not UTF-8'])
    expect(wrong('port', { PORT_FILE: 'port' })).toEqual([
      'env PORT_FILE names port, which cannot be read: the file is not UTF-8',
    ])
    const reference = wrong('mail', { KWIK_NOTE: 'secret://file/mail' })
    expect(reference).toEqual([expect.stringContaining('the file mail cannot be read: the file is not UTF-8')])
    const secretsDir = folder()
    writeFileSync(join(secretsDir, 'server.host'), bytes)
    expect(faults({}, { secretsDir })).toEqual([
      `${join(secretsDir, 'server.host')} cannot be read: the file is not UTF-8`,
    ])
  })

  test('that no profile reads and that look like one are a warning', () => {
    expect(read({ 'config/prodution.yaml': '' }).warnings).toEqual([
      'config/prodution.yaml is read by no profile, did you mean production.yaml?',
    ])
  })

  test('cannot choose the profile', () => {
    const own = T.Object({ profile: T.String({ default: 'development' }) })
    const found = faultsOf(() =>
      defineSettings(own, { dir: folder({ 'config/base.yaml': 'profile: production' }), env: {} }),
    )
    expect(found).toEqual(['config/base.yaml:1:10 cannot choose the profile: set it in the environment or in .env'])
  })

  test('may be in another folder', () => {
    expect(read({ 'etc/base.yaml': 'debug: true' }, { config: 'etc' }).current.debug).toBe(true)
    const dir = folder({ 'base.yaml': 'debug: true' })
    expect(read({}, { config: dir }).explain('debug').from).toBe(`${dir}/base.yaml:1:8`)
  })
})

describe('five faults in four layers', () => {
  test('are five lines of one error, with secrets masked', () => {
    const found = faults(
      {
        'config/base.yaml': 'server:\n  hots: x\njwt:\n  ttl: 1.5\n',
        'config/development.json': '{ "mode": "fats" }',
        '.env': `KWIK_JWT__SECRET=${mark}`,
      },
      { env: { KWIK_SERVER__PROT: '1' } },
    )
    expect(found).toEqual([
      'config/base.yaml:2:3 unknown key server.hots, did you mean "server.host"?',
      'env KWIK_SERVER__PROT is not a setting, did you mean "KWIK_SERVER__PORT"?',
      'mode must be one of "fast", "slow", did you mean "fast"? (got "fats" from config/development.json:1:11)',
      'jwt.secret: expected string length greater or equal to 8 (got *** from .env:1 KWIK_JWT__SECRET)',
      'jwt.ttl: expected integer (got 1.5 from config/base.yaml:4:8)',
    ])
  })
})

describe('variables', () => {
  test('of the environment beat .env, and an empty one is not set', () => {
    const files = { '.env': 'PORT=5\nKWIK_NOTE=file' }
    expect(read(files, { env: { PORT: '6', KWIK_NOTE: '' } }).current).toMatchObject({ server: { port: 6 }, note: '' })
    expect(read(files, { env: { PORT: '' } }).current).toMatchObject({ server: { port: 5 }, note: 'file' })
  })

  test('may differ from their names in case and in underscores inside of words', () => {
    for (const name of [
      'KWIK_SERVER__BODY_LIMIT',
      'KWIK_SERVER__BODYLIMIT',
      'kwik_server__body_limit',
      'Kwik_Server__bodyLimit',
    ])
      expect(read({}, { env: { [name]: '7' } }).current.server.bodyLimit).toBe(7)
    expect(faults({}, { env: { KWIK_SERVER__BODYLIMIT: '1', KWIK_SERVER__BODY_LIMIT: '2' } })).toEqual([
      'env KWIK_SERVER__BODYLIMIT and env KWIK_SERVER__BODY_LIMIT both set one setting: keep one of them',
    ])
    // Plain names belong to the platform: they are taken as they are.
    expect(read({}, { env: { port: '7' } }).current.server.port).toBe(3000)
  })
})

describe('secret files', () => {
  const file = (dir: string, name: string, text: string): string => {
    write(dir, name, text)
    return join(dir, name)
  }

  test('named by KWIK_X_FILE have their value, with one line feed less at the end', () => {
    const dir = folder()
    const env = { KWIK_JWT__SECRET_FILE: file(dir, 'jwt', 'long enough\n\n'), PORT_FILE: file(dir, 'port', '81\r\n') }
    const settings = read({}, { env })
    expect(settings.current.jwt?.secret.reveal()).toBe('long enough\n')
    expect(settings.current.server.port).toBe(81)
    expect(settings.explain('server.port').from).toBe(`env PORT_FILE (${env.PORT_FILE})`)
    expect(
      read(
        { 'keys/jwt': 'relative-to-dir' },
        { env: { KWIK_JWT__SECRET_FILE: 'keys/jwt' } },
      ).current.jwt?.secret.reveal(),
    ).toBe('relative-to-dir')
  })

  test('that are missing, and a setting that is given twice, are faults', () => {
    expect(faults({}, { env: { PORT_FILE: '/nowhere/port' } })).toEqual([
      'env PORT_FILE names /nowhere/port, which is not there',
    ])
    expect(faults({}, { env: { PORT_FILE: folder() } })[0]).toContain('cannot be read: it is a folder')
    const both = { PORT: '1', PORT_FILE: file(folder(), 'port', '2') }
    expect(faults({}, { env: both })).toEqual(['env PORT and env PORT_FILE both set one setting: keep one of them'])
  })

  test('in /run/secrets are found by key, by folder and by variable, and those of others are left alone', () => {
    const secretsDir = folder({
      'server.host': 'by-key\n',
      'jwt/secret': 'by-folder',
      KWIK_JWT__TTL: '60',
      port: '8443',
      'kubernetes.io/serviceaccount/token': 'theirs',
      'somebody-elses': 'theirs',
    })
    write(secretsDir, '..data/note', 'hidden')
    expect(read({}, { secretsDir }).current).toMatchObject({
      server: { host: 'by-key', port: 8443 },
      jwt: { ttl: 60 },
      note: 'none',
    })
    expect(read({}, { secretsDir }).explain('jwt.secret').from).toBe(join(secretsDir, 'jwt/secret'))
    expect(read({ '.env': 'PORT=1' }, { secretsDir }).current.server.port).toBe(8443)
    expect(read({}, { secretsDir, env: { PORT: '2' } }).current.server.port).toBe(2)
    write(secretsDir, 'KWIK_SERVER__PROT', '1')
    expect(faults({}, { secretsDir })[0]).toContain(
      'KWIK_SERVER__PROT is not a setting, did you mean "KWIK_SERVER__PORT"?',
    )
  })

  test('of Kubernetes are links into ..data', () => {
    const secretsDir = folder({ '..2024/server.host': 'linked' })
    symlinkSync('..2024', join(secretsDir, '..data'))
    symlinkSync('..data/server.host', join(secretsDir, 'server.host'))
    expect(read({}, { secretsDir }).current.server.host).toBe('linked')
  })
})

describe('--set', () => {
  test('beats the environment', () => {
    const settings = read(
      {},
      { env: { PORT: '1' }, args: ['--set', 'server.port=2', '--set=note=a=b', '--', '--set', 'x'] },
    )
    expect(settings.current).toMatchObject({ server: { port: 2 }, note: 'a=b' })
    expect(settings.explain('server.port').from).toBe('--set server.port')
    expect(read({}, { args: ['--set', 'origins=["x"]'] }).current.origins).toEqual(['x'])
  })

  test('takes nothing but a setting and its value', () => {
    expect(faults({}, { args: ['--set', 'server.prot=2', '--set', canary, '--set', 'debug=yes'] })).toEqual([
      '--set takes key=value, as in --set server.port=8080',
      'server.prot is not a setting, did you mean "server.port"? (from --set server.prot)',
      'debug must be true or false (got "yes" from --set debug)',
    ])
  })

  test('chooses the profile too', () => {
    expect(read({}, { args: ['--set', 'profile=production'], env: { NODE_ENV: 'test' } }).profile).toBe('production')
  })
})

describe('rules', () => {
  test('see all values, and their faults say where the value came from', () => {
    const files = { 'config/production.yaml': 'debug: true' }
    const strict = (profile: string) =>
      defineSettings(schema, {
        dir: folder(files),
        env: {},
        profile,
        rules: [
          (s, { profile: on, fail }) => on === 'production' && s.debug && fail('debug', 'must be false in production'),
        ],
      })
    expect(strict('development').current.debug).toBe(false)
    expect(faultsOf(() => strict('production'))).toEqual([
      'debug must be false in production (got true from config/production.yaml:1:8)',
    ])
    const settings = strict('test')
    expect(faultsOf(() => settings.override({ debug: true }, () => 0))).toEqual([])
  })
})

describe('deprecated settings', () => {
  test('work and warn', () => {
    const old = T.Object({ port: T.Optional(T.Integer({ deprecated: 'use server.port' })) })
    const settings = defineSettings(old, { dir: folder(), env: { KWIK_PORT: '1' } })
    expect(settings.warnings).toEqual(['port is deprecated: use server.port (from env KWIK_PORT)'])
    expect(defineSettings(old, { dir: folder(), env: {} }).warnings).toEqual([])
  })
})

test('a file of ten thousand settings is read in a moment', () => {
  const groups = Array.from({ length: 100 }, (_, n) => `g${n}`)
  const keys = Array.from({ length: 100 }, (_, n) => `k${n}`)
  const group = T.Object(Object.fromEntries(keys.map((key) => [key, T.Optional(T.Integer())])))
  const wide = T.Object(Object.fromEntries(groups.map((name) => [name, group])))
  const values = Object.fromEntries(groups.map((name) => [name, Object.fromEntries(keys.map((key, n) => [key, n]))]))
  const dir = folder({ 'config/base.json': JSON.stringify(values, undefined, 2) })
  const before = performance.now()
  const { current } = defineSettings(wide, { dir, env: {} })
  // docs/decisions/settings-layers.md has what it really takes; this is a guard against work that grows with its square.
  expect(performance.now() - before).toBeLessThan(5000)
  expect(current).toEqual(values)
})
