import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { canary, mark } from '../canary.ts'
import { type FakeVault, fakeVault } from '../fixtures/stores/vault.ts'
import { write } from '../plugins/settings/folder.ts'
import { newApp, type TestApp } from './app.ts'
import { type Outcome, kwik as run } from './command.ts'

const patience = 60_000
let app: TestApp
const vault: FakeVault = await fakeVault()

beforeAll(async () => {
  app = await newApp()
  vault.world.values.set('kv/app', [{ pay: `${canary}-0123456789-0123456789-0123456789` }])
  writeFileSync(
    join(app.root, 'src/settings.ts'),
    `import { defineSettings, kwikSettings, T, vault } from 'kwik/settings'
const send = globalThis.fetch
globalThis.fetch = ((...given: Parameters<typeof fetch>) => {
  process.stderr.write('fetch was called\\n')
  return send(...given)
}) as typeof fetch
export const settings = await defineSettings(
  T.Object({
    ...kwikSettings,
    shop: T.Object({
      name: T.String({ default: 'Shop', description: 'What customers see', reload: 'hot', examples: ['My shop'] }),
      currency: T.Union([T.Literal('EUR'), T.Literal('USD')], { default: 'EUR' }),
      pageSize: T.Integer({ default: 20, minimum: 1, maximum: 100 }),
      pay: T.OptionalSecret({ minLength: 16, requiredIn: ['production'] }),
      flags: T.Optional(T.Record(T.String(), T.Boolean())),
    }),
  }),
  {
    profiles: ['development', 'test', 'staging', 'production'],
    secrets: [vault({ backoff: '1ms' })],
    rules: [({ shop }, { fail }) => shop.pageSize === 13 && fail('shop.pageSize', 'brings bad luck')],
  },
)
throw new Error('nothing after the declaration is run')
`,
  )
}, patience)
afterAll(() => app.remove())

const secret = 'KWIK_TOKENS__SECRET'
const env = (): Record<string, string> => ({
  VAULT_ADDR: vault.url,
  VAULT_TOKEN: 'root',
  [secret]: `${canary}-`.repeat(6),
  NO_COLOR: '1',
})
const kwik = (words: string, more: Record<string, string> = {}): Promise<Outcome> =>
  run(['settings', ...words.split(' ')], { cwd: app.root, env: { ...env(), ...more }, patience })
const slow = (name: string, body: () => Promise<void>): void => test(name, body, patience)
const config = (name: string, text: string): void => write(app.root, `config/${name}`, text)

describe('kwik settings check', () => {
  slow('says that all is well, and which secrets have no value', async () => {
    expect(await kwik('check')).toEqual({
      code: 0,
      out: 'unset    shop.pay: secrets without a value\nok       development: 13 settings\n',
      err: '',
    })
  })

  slow('finds five faults in four layers in one run, and masks secrets in text and JSON', async () => {
    config('base.yaml', 'shop:\n  curency: EUR\n  pageSize: 200\n')
    config('staging.json', '{ "log": { "level": "infoo" } }')
    write(app.root, '.env.staging', `KWIK_SHOP__PAY=${mark}-short\n`)
    const wrong = { KWIK_SERVER__PROT: '1' }
    const words = await kwik('check --profile staging', wrong)
    expect([words.code, words.err]).toEqual([1, ''])
    expect(words.out.split('\n').slice(0, 5)).toEqual([
      'wrong    config/base.yaml:2:3 unknown key shop.curency, did you mean "shop.currency"?',
      'wrong    env KWIK_SERVER__PROT is not a setting, did you mean "KWIK_SERVER__PORT"?',
      'wrong    log.level must be one of "debug", "info", "warning", "error", "fatal", did you mean "info"? (got "infoo" from config/staging.json:1:21)',
      'wrong    shop.pageSize: expected integer to be less or equal to 100 (got 200 from config/base.yaml:3:13)',
      'wrong    shop.pay: expected string length greater or equal to 16 (got *** from .env.staging:1 KWIK_SHOP__PAY)',
    ])
    expect(words.out).toContain('invalid  staging: 13 settings, 5 wrong')
    const json = await kwik('check --profile staging --json', wrong)
    expect(json.code).toBe(1)
    const [report] = JSON.parse(json.out)
    expect(report).toMatchObject({ profile: 'staging', ok: false })
    expect(report.faults.map(({ key, kind }: { key: string; kind: string }) => `${key} ${kind}`)).toEqual([
      'shop.curency invalid',
      'undefined invalid',
      'log.level invalid',
      'shop.pageSize invalid',
      'shop.pay invalid',
    ])
    expect(words.out + json.out).not.toContain(mark)
    for (const name of ['config/base.yaml', 'config/staging.json', '.env.staging'])
      write(app.root, name, name.endsWith('json') ? '{}' : '')
  })

  slow('tells for each profile which secrets are missing, and runs the rules', async () => {
    const found = await kwik('check --profile production --profile development --set shop.pageSize=13')
    expect([found.code, found.err]).toEqual([1, ''])
    expect(found.out).toContain(
      'wrong    shop.pay is required in production: set KWIK_SHOP__PAY, KWIK_SHOP__PAY_FILE, or shop.pay in config/production.yaml\n',
    )
    expect(found.out).toContain('wrong    shop.pageSize brings bad luck (got "13" from --set shop.pageSize)\n')
  })

  slow('reads secrets of stores, and with --offline touches no socket', async () => {
    config('production.yaml', 'shop: { pay: secret://vault/kv/app#pay }')
    const before = vault.arrived.length
    const offline = await kwik('check --profile production --offline --json')
    expect([offline.code, offline.err, vault.arrived.length]).toEqual([0, '', before])
    expect(JSON.parse(offline.out)[0]).toMatchObject({
      ok: true,
      unread: ['shop.pay'],
      secrets: [
        { key: 'tokens.secret', from: `env ${secret}` },
        { key: 'shop.pay', from: 'config/production.yaml:1:14', reference: 'secret://vault/kv/app#pay' },
      ],
    })
    const online = await kwik('check --profile production')
    expect([online.code, online.out]).toEqual([0, 'ok       production: 13 settings\n'])
    // The trap is one: it springs when somebody is asked.
    expect(online.err).toContain('fetch was called')
    expect(vault.arrived.length).toBeGreaterThan(before)
    const stores = await kwik('check --stores', { VAULT_TOKEN: canary })
    expect([stores.code, stores.out.includes('store    vault: Vault answered 403')]).toEqual([3, true])
    expect((await kwik('check --stores')).out).toContain('store    vault: answers\n')
    expect((await kwik('check --stores --offline')).code).toBe(2)
    const strange = await kwik('check --offline --set shop.pay=secret://valt/x')
    expect(strange.out).toContain('nobody here is called valt, did you mean "vault"?')
  })

  slow('ends with 3 when nothing is wrong but a sealed Vault, and with 1 when Vault refuses', async () => {
    config('production.yaml', 'shop: { pay: secret://vault/kv/app#pay }')
    vault.world.sealed = true
    const sealed = await kwik('check --profile production')
    expect(sealed.code).toBe(3)
    expect(sealed.out).toContain(
      'wrong    secret://vault/kv/app#pay: Vault answered 503 Vault is sealed (shop.pay, from config/production.yaml:1:14)',
    )
    expect((await kwik('check --profile production --set shop.pageSize=0')).code).toBe(1)
    vault.world.sealed = false
    const denied = await kwik('check --profile production', { VAULT_TOKEN: canary })
    expect([denied.code, denied.out.includes(mark), denied.out.includes('403')]).toEqual([1, false, true])
  })

  slow('ends with 2 for words that are wrong', async () => {
    const profile = await kwik('check --profile prodution')
    expect([profile.code, profile.out]).toEqual([2, ''])
    expect(profile.err).toContain('did you mean "production"?')
    expect((await kwik('chekc')).code).toBe(2)
    const flag = await kwik('check --offlin')
    expect([flag.code, flag.out]).toEqual([2, ''])
    expect(flag.err).toContain('did you mean --offline')
  })
})

describe('kwik settings explain, get and diff', () => {
  beforeAll(() => {
    config('base.yaml', 'server:\n  port: 3001\n')
    config('production.yaml', 'server:\n  port: 8080\nshop: { pay: secret://vault/kv/app#pay }\n')
    config('staging.json', '{}')
  })

  slow('tell where a value comes from and what it counts more than', async () => {
    expect((await kwik('explain server.port --profile production')).out).toBe(
      'server.port = 8080  config/production.yaml:2:9  (a change needs a restart)\n  overrides  config/base.yaml:2:9 3001  <-  default 3000\n',
    )
    expect((await kwik('explain shop.name')).out).toBe('shop.name = "Shop"  default  (a reload changes it)\n')
    const secrets = await kwik('explain shop.pay tokens.secret --profile production')
    expect(secrets.out).toBe(
      `shop.pay = ***  config/production.yaml:3:14  (a change needs a restart)\n  reads      secret://vault/kv/app#pay\ntokens.secret = ***  env ${secret}  (a change needs a restart)\n`,
    )
    const all = JSON.parse((await kwik('explain --all --json --profile production')).out)
    expect(all.length).toBe(13)
    expect(all.find(({ key }: { key: string }) => key === 'server.port')).toMatchObject({ value: '8080', hot: false })
    const unknown = await kwik('explain server.prot')
    expect([unknown.code, unknown.err]).toEqual([2, 'server.prot is not a setting, did you mean "server.port"?\n'])
    expect((await kwik('explain shop')).err).toContain('it has shop.name, shop.currency')
    expect((await kwik('explain')).code).toBe(2)
  })

  slow('print one value for scripts, and no secret', async () => {
    expect(await kwik('get server.port --profile production')).toMatchObject({ code: 0, out: '8080\n' })
    expect((await kwik('get shop.flags --set shop.flags={"a":true}')).out).toBe('{"a":true}\n')
    expect(await kwik('get shop.flags')).toMatchObject({ code: 1, out: '' })
    expect((await kwik('get shop.name --json')).out).toBe('"Shop"\n')
    const pay = await kwik('get shop.pay --profile production')
    expect([pay.code, pay.out, pay.err]).toEqual([2, '', 'shop.pay is a secret: kwik prints none\n'])
    expect(await kwik('get server.port --set server.port=x')).toMatchObject({ code: 1, out: '' })
  })

  slow('tell what profiles have differently, and of secrets only that they differ', async () => {
    const { code, out } = await kwik('diff staging production')
    expect([code, out]).toEqual([
      0,
      [
        'profile',
        '  staging  "staging"  option profile',
        '  production  "production"  option profile',
        'server.port',
        '  staging  3001  config/base.yaml:2:9',
        '  production  8080  config/production.yaml:2:9',
        'shop.pay',
        '  staging  not set',
        '  production  *** of secret://vault/kv/app#pay  config/production.yaml:3:14',
        '',
      ].join('\n'),
    ])
    expect(JSON.parse((await kwik('diff staging production --json --offline')).out).length).toBe(3)
    expect((await kwik('diff test development --offline')).code).toBe(0)
    expect((await kwik('diff staging nowhere')).code).toBe(2)
  })
})

describe('kwik settings schema, types and env-example', () => {
  slow('write what editors and people need', async () => {
    const schema = JSON.parse((await kwik('schema')).out)
    expect(schema.properties.shop.properties.pageSize.anyOf[0]).toEqual({ type: 'integer', minimum: 1, maximum: 100 })
    expect(schema.properties.shop.properties.name).toMatchObject({
      default: 'Shop',
      'x-reload': 'hot',
      'x-env': 'KWIK_SHOP__NAME',
    })
    const types = (await kwik('types')).out
    expect(types).toContain('  /** What customers see */\n')
    expect(types).toContain(
      `    readonly currency: "EUR" | "USD"\n    readonly pageSize: number\n    readonly pay?: Secret\n`,
    )
    const example = (await kwik('env-example')).out
    expect(example).toContain(
      '# shop.name: text; "Shop" by default. What customers see\n# KWIK_SHOP__NAME=\'My shop\'\n',
    )
    expect(example).toContain('# server.port: integer, 0 to 65535; 3000 by default\n# PORT=3000\n')
  })

  slow('find how far .env.example is from the settings', async () => {
    const drifted = await kwik('env-example --check')
    expect(drifted.code).toBe(1)
    expect(drifted.out).toContain('lacks    KWIK_SHOP__NAME\n')
    const { out } = await kwik('env-example')
    writeFileSync(join(app.root, '.env.example'), out)
    expect(await kwik('env-example --check')).toEqual({ code: 0, out: '.env.example has every setting\n', err: '' })
    writeFileSync(join(app.root, '.env.example'), out.replace('KWIK_SHOP__CURRENCY', 'KWIK_SHOP__CURENCY'))
    expect(JSON.parse((await kwik('env-example --check --json')).out)).toEqual({
      lacks: ['KWIK_SHOP__CURRENCY'],
      strangers: ['KWIK_SHOP__CURENCY'],
    })
  })
})

describe('kwik secrets', () => {
  const secrets = (words: string, stdin?: string, more: Record<string, string> = {}): Promise<Outcome> =>
    run(['secrets', ...words.split(' ')], {
      cwd: app.root,
      env: { ...env(), EDITOR: '', VISUAL: '', ...more },
      patience,
      ...(stdin !== undefined && { stdin }),
    })
  const file = (): string => readFileSync(join(app.root, 'config/secrets.production.enc'), 'utf8')

  slow('are sealed with a key that git does not see, read by settings, listed without values', async () => {
    const made = await secrets('edit --stdin', `pay:\n  key: ${canary}-0123456789-0123456789\n`)
    expect([made.code, made.err]).toEqual([0, ''])
    expect(made.out).toContain('config/secrets.production.enc sealed\na new key is in config/master.key')
    const key = join(app.root, 'config/master.key')
    expect([statSync(key).mode & 0o777, readFileSync(join(app.root, 'config/.gitignore'), 'utf8')]).toEqual([
      0o600,
      'master.key\n',
    ])
    expect(file()).not.toContain(mark)
    expect((await secrets('show-keys')).out).toBe('pay.key\n')
    expect((await secrets('show-keys --json')).out).toBe('["pay.key"]\n')
    const used = await kwik('check --profile production --offline --set shop.pay=secret://encrypted/pay.key')
    expect(used).toMatchObject({ code: 0, err: '' })
    expect((await secrets('edit --stdin', `pay:\n  key: ${canary}-0123456789-0123456789\n`)).out).toContain('unchanged')
  })

  slow('that are no YAML are refused, and what was there stays', async () => {
    const before = file()
    const { code, out, err } = await secrets('edit --stdin', `pay: "${canary}\n`)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('was not changed, the text is no YAML:\n  ')
    expect([err.includes(mark), file()]).toEqual([false, before])
  })

  slow('are edited in an editor, in a file that is gone afterwards', async () => {
    const editor = join(app.root, 'editor.sh')
    writeFileSync(
      editor,
      `#!/bin/sh\ngrep -q "key: ${canary}" "$1" && ls -l "$1" | cut -c1-10 > seen && echo "$1" >> seen && echo "more: x" >> "$1"\n`,
    )
    chmodSync(editor, 0o755)
    expect((await secrets('edit', undefined, { EDITOR: editor })).code).toBe(0)
    const [mode, path] = readFileSync(join(app.root, 'seen'), 'utf8').split('\n')
    expect([mode, existsSync(path!)]).toEqual(['-rw-------', false])
    expect((await secrets('show-keys')).out).toBe('pay.key\nmore\n')
    const failing = await secrets('edit', undefined, { EDITOR: 'false' })
    expect([failing.code, failing.err]).toEqual([1, 'the editor false ended with 1: nothing was changed\n'])
    expect(await secrets('edit')).toEqual({ code: 2, out: '', err: 'no editor: set EDITOR, or pass --stdin\n' })
  })

  slow('get a new key, and no longer open with the old one', async () => {
    const old = readFileSync(join(app.root, 'config/master.key'), 'utf8').trim()
    const turned = await secrets('rotate-key')
    expect([turned.code, turned.out]).toEqual([
      0,
      'config/secrets.production.enc sealed with a new key\nthe new key is in config/master.key\n',
    ])
    expect((await secrets('show-keys')).out).toBe('pay.key\nmore\n')
    const wrong = await secrets('show-keys', undefined, { KWIK_MASTER_KEY: old })
    expect([wrong.code, wrong.err]).toEqual([
      1,
      'config/secrets.production.enc: it was sealed with another master key\n',
    ])
    const now = readFileSync(join(app.root, 'config/master.key'), 'utf8').trim()
    const shown = await secrets('rotate-key', undefined, { KWIK_MASTER_KEY: now })
    expect(shown.out).toMatch(/set KWIK_MASTER_KEY to [\w-]{43}\n$/)
    expect((await secrets('show-keys --profile staging')).err).toContain(
      'make it with kwik secrets edit --profile staging',
    )
    expect((await secrets('show-keys --profile ../x')).code).toBe(2)
  })
})
