import { join } from 'node:path'
import { describe, expect, sleep, test } from '#test'
import { defineSettings, keychain, type SecretProvider, SecretStoreError, T } from '../../../plugins/settings/index.ts'
import { MasterKeyError, newMasterKey, seal, unseal } from '../../../plugins/settings/secrets/sealed-file.ts'
import { StoreHttp } from '../../../plugins/settings/secrets/store-http.ts'
import { canary, mark } from '../../canary.ts'
import { fakeServer } from '../../fixtures/stores/server.ts'
import { faultsOf, faultsOfLater, folder, write } from './folder.ts'

const schema = T.Object({ key: T.Secret({ reload: 'hot' }), port: T.Integer({ default: 1, reload: 'hot' }) })
const surroundings = { args: [], secretsDir: false } as const

describe('secrets of this machine', () => {
  const read = (reference: string, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
    defineSettings(schema, { dir: folder({ 'config/base.yaml': `key: ${reference}`, ...files }), env, ...surroundings })

  test('come from variables and files, at once', () => {
    expect(read('secret://env/MAIL', { MAIL: 'a' }).current.key.reveal()).toBe('a')
    expect(read('secret://file/keys/mail', {}, { 'keys/mail': 'b\n' }).current.key.reveal()).toBe('b')
    const far = join(folder({ mail: '{"key":"c"}' }), 'mail')
    expect(read(`secret://file/${far}#key`).current.key.reveal()).toBe('c')
    expect(faultsOf(() => read('secret://env/MAIL'))).toEqual([
      'secret://env/MAIL: the variable MAIL is not set (key, from config/base.yaml:1:6)',
    ])
    expect(faultsOf(() => read('secret://file/no'))[0]).toContain('the file no is not there')
    expect(faultsOf(() => read('secret://vault/x'))[0]).toContain(
      'nobody here is called vault: give defineSettings the provider in `secrets`; there are env, file, encrypted',
    )
  })

  test('may be in any layer, and make numbers too', () => {
    const env = { PORT_OF_APP: '8080', KWIK_PORT: 'secret://env/PORT_OF_APP', KWIK_KEY: 'k' }
    const settings = defineSettings(schema, { dir: folder(), env, ...surroundings })
    expect(settings.current.port).toBe(8080)
    expect(settings.explain('port')).toMatchObject({ value: '***', reference: 'secret://env/PORT_OF_APP' })
    const wrong = { ...env, PORT_OF_APP: canary }
    expect(faultsOf(() => defineSettings(schema, { dir: folder(), env: wrong, ...surroundings }))).toEqual([
      'port must be an integer (got *** from env KWIK_PORT)',
    ])
  })
})

describe('a sealed file', () => {
  const key = newMasterKey()

  test('opens with its key and profile alone, and only as it was sealed', () => {
    const file = seal(`mail: ${canary}`, key, 'production')
    expect(file).not.toContain(mark)
    expect(unseal(file, key, 'production')).toBe(`mail: ${canary}`)
    expect(seal(`mail: ${canary}`, key, 'production')).not.toBe(file)
    expect(() => unseal(file, newMasterKey(), 'production')).toThrow('another master key')
    expect(() => unseal(file, key, 'staging')).toThrow('for the profile production')
    expect(() => unseal(file.replace(' production ', ' staging '), key, 'staging')).toThrow('was changed')
    const lines = file.split('\n')
    const body = Buffer.from(lines[1]!, 'base64')
    body[14]! ^= 1
    expect(() => unseal(`${lines[0]}\n${body.toString('base64')}\n`, key, 'production')).toThrow('was changed')
    expect(() => unseal(`${lines[0]}\nAAAA\n`, key, 'production')).toThrow('cut short')
    expect(() => unseal('mail: x', key, 'production')).toThrow(MasterKeyError)
    expect(() => seal('x', 'short', 'production')).toThrow('32 bytes')
  })

  test('gives its values to references, by KWIK_MASTER_KEY or config/master.key', () => {
    const sealed = {
      'config/secrets.production.enc': seal(`mail:\n  key: ${canary}-key\n  port: 25\n`, key, 'production'),
    }
    const read = (env: Record<string, string>, files: Record<string, string> = {}) => {
      const text = 'key: secret://encrypted/mail.key\nport: secret://encrypted/mail.port'
      const dir = folder({ 'config/base.yaml': text, ...files })
      return defineSettings(schema, { dir, env: { NODE_ENV: 'production', ...env }, ...surroundings })
    }
    const { current } = read({ KWIK_MASTER_KEY: key }, sealed)
    expect([current.key.reveal(), current.port]).toEqual([`${canary}-key`, 25])
    expect(read({}, { ...sealed, 'config/master.key': `${key}\n` }).current.port).toBe(25)
    expect(read({ KWIK_MASTER_KEY_FILE: 'k' }, { ...sealed, k: key }).current.port).toBe(25)
    expect(faultsOf(() => read({}, sealed))[0]).toBe(
      'secret://encrypted/mail.key: config/secrets.production.enc is sealed, and there is no KWIK_MASTER_KEY to open it with (key, from config/base.yaml:1:6)',
    )
    expect(faultsOf(() => read({ KWIK_MASTER_KEY: newMasterKey() }, sealed))[0]).toContain(
      'sealed with another master key',
    )
    expect(faultsOf(() => read({ KWIK_MASTER_KEY: key }))[0]).toContain('is not there: make it with kwik secrets edit')
    const other = { 'config/secrets.production.enc': seal('mail: {}', key, 'production') }
    expect(faultsOf(() => read({ KWIK_MASTER_KEY: key }, other))[0]).toContain('has no mail.key')
    const odd = { 'config/secrets.production.enc': seal('mail: { key: 012, port: 25 }', key, 'production') }
    expect(faultsOf(() => read({ KWIK_MASTER_KEY: key }, odd))[0]).toContain(
      'config/secrets.production.enc:1:14 write numbers in plain digits',
    )
  })

  test('of the last profile that has a value counts', () => {
    const files = {
      'config/base.yaml': 'key: secret://encrypted/key\nport: secret://encrypted/port',
      'config/secrets.production.enc': seal('key: p\nport: 1', key, 'production'),
      'config/secrets.eu.enc': seal('key: e', key, 'eu'),
    }
    const profiles = ['production', 'eu']
    const options = {
      dir: folder(files),
      env: { KWIK_MASTER_KEY: key },
      profiles,
      profile: 'production,eu',
      ...surroundings,
    }
    const { current } = defineSettings(schema, options)
    expect([current.key.reveal(), current.port]).toEqual(['e', 1])
  })
})

describe('the keychain', () => {
  const read = (client?: { get(entry: { service: string; name: string }): Promise<string | null> }) =>
    defineSettings(schema, {
      dir: folder({ 'config/base.yaml': 'key: secret://keychain/mail' }),
      env: {},
      secrets: [keychain({ service: 'shop', ...(client && { client }) })],
      ...surroundings,
    })

  test('gives what is kept for the app', async () => {
    const settings = await read({ get: async ({ service, name }) => `${name} of ${service}` })
    expect(settings.current.key.reveal()).toBe('mail of shop')
    expect(await faultsOfLater(() => read({ get: async () => null }))).toEqual([
      'secret://keychain/mail: the keychain has no mail of shop (key, from config/base.yaml:1:6)',
    ])
    const locked = { get: () => Promise.reject(new Error(canary)) }
    expect((await faultsOfLater(() => read(locked)))[0]).toContain('this machine has no keychain that answers')
  })
})

describe('a provider of your own', () => {
  const counting = (ttl?: number) => {
    let calls = 0
    const state = { value: 'v', fail: false, calls: () => calls, names: [] as string[][] }
    const provider: SecretProvider = {
      scheme: 'mine',
      resolve: async (references) => {
        calls++
        state.names.push(references.map(({ name }) => name))
        await sleep(2)
        if (state.fail) throw new SecretStoreError('Mine is closed', true)
        return new Map(
          references.map(({ uri }) => [uri, { value: `${state.value}${calls}`, ...(ttl !== undefined && { ttl }) }]),
        )
      },
    }
    return { provider, state }
  }
  const read = (provider: SecretProvider, text = 'key: secret://mine/a', more: object = {}) =>
    defineSettings(schema, {
      dir: folder({ 'config/base.yaml': text }),
      env: {},
      secrets: [provider],
      ...surroundings,
      ...more,
    })

  test('is asked once for all references of a load', async () => {
    const { provider, state } = counting()
    const both = T.Object({ a: T.Secret(), b: T.Secret(), c: T.Secret() })
    await defineSettings(both, {
      dir: folder({ 'config/base.yaml': 'a: secret://mine/a\nb: secret://mine/b\nc: secret://mine/a' }),
      env: {},
      secrets: [provider],
      ...surroundings,
    })
    expect(state.names).toEqual([['a', 'b']])
  })

  test('that throws anything but its own trouble shows nothing of it', async () => {
    const broken: SecretProvider = { scheme: 'mine', resolve: () => Promise.reject(new Error(canary)) }
    expect(await faultsOfLater(() => read(broken))).toEqual([
      'secret://mine/a: the provider threw Error (key, from config/base.yaml:1:6)',
    ])
    const silent: SecretProvider = { scheme: 'mine', resolve: async () => new Map() }
    expect((await faultsOfLater(() => read(silent)))[0]).toContain('said nothing about it')
    const atOnce: SecretProvider = { scheme: 'mine', resolve: ([one]) => new Map([[one!.uri, { value: 'x' }]]) }
    expect((await read(atOnce)).current.key.reveal()).toBe('x')
  })

  test('may not share a name with another', () => {
    const { provider } = counting()
    const options = { env: {}, secrets: [provider, provider] }
    expect(() => defineSettings(schema, options)).toThrow('two providers of secrets are called mine')
  })

  test('is asked anew by SIGHUP and reload(), and when a secret ends; other changes use what is still good', async () => {
    const { provider, state } = counting(60_000)
    const dir = folder({ 'config/base.yaml': 'key: secret://mine/a' })
    const settings = await defineSettings(schema, { dir, env: {}, secrets: [provider], ...surroundings })
    expect(settings.current.key.reveal()).toBe('v1')
    await settings.reload()
    expect([settings.current.key.reveal(), state.calls()]).toEqual(['v2', 2])
    // A file is not a secret: the one we have is good for a minute.
    const applied = new Promise<void>((done) => void settings.on('port', () => done()))
    const lasting = setInterval(() => {}, 1000)
    const stop = settings.watch({ poll: 20 })
    write(dir, 'config/base.yaml', 'key: secret://mine/a\nport: 5')
    await applied
    stop()
    clearInterval(lasting)
    expect([settings.current.port, settings.current.key.reveal(), state.calls()]).toEqual([5, 'v2', 2])
  })

  test('whose secret ended is asked while the app runs, and asked again while it does not answer', async () => {
    const { provider, state } = counting(30)
    const settings = await read(provider)
    const lasting = setInterval(() => {}, 1000)
    const rejected = new Promise<string>(
      (done) => void settings.on('rejected', (report) => done(report.rejected![0]!.text)),
    )
    const stop = settings.watch({ poll: 10 })
    await new Promise<void>((done) => void settings.on('key', () => done()))
    state.fail = true
    expect(await rejected).toContain('secret://mine/a: Mine is closed')
    stop()
    clearInterval(lasting)
    expect(settings.current.key.reveal()).toMatch(/^v\d+$/)
  })
})

describe('requests to stores', () => {
  const signal = () => AbortSignal.timeout(10_000)

  test('wait as long as a store asks for, and give up in the end', async () => {
    let answers = 0
    const server = await fakeServer(() =>
      ++answers < 3 ? { status: 429, headers: { 'retry-after': '0' } } : { body: { ok: true } },
    )
    const http = new StoreHttp('Mine', { backoff: '1ms' })
    expect((await http.send({ url: server.url }, signal())).json).toEqual({ ok: true })
    const broken = await fakeServer(() => ({ status: 500 }))
    expect(
      (await new StoreHttp('Mine', { backoff: '1ms', attempts: 3 }).send({ url: broken.url }, signal())).status,
    ).toBe(500)
    expect(broken.arrived.length).toBe(3)
  })

  test('end in time, when a store takes them and says nothing', async () => {
    const stuck = await fakeServer(() => new Promise(() => {}))
    const http = new StoreHttp('Mine', { timeout: '20ms', attempts: 2, backoff: '1ms' })
    await expect(http.send({ url: stuck.url }, signal())).rejects.toThrow(
      /^Mine did not answer at 127\.0\.0\.1:\d+ within 20 ms$/,
    )
    expect(stuck.arrived.length).toBe(2)
  })

  test('follow nobody elsewhere: our credentials are for one host', async () => {
    const other = await fakeServer(() => ({ body: 'stolen' }))
    const server = await fakeServer(() => ({ status: 302, headers: { location: other.url } }))
    expect((await new StoreHttp('Mine', {}).send({ url: server.url }, signal())).status).toBe(302)
    expect(other.arrived.length).toBe(0)
  })
})
