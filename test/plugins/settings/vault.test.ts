import { join } from 'node:path'
import nodeVault from 'node-vault'
import { describe, expect, test } from '#test'
import { defineSettings, SettingsError, T, vault } from '../../../plugins/settings/index.ts'
import { canary, mark } from '../../canary.ts'
import { ask, contextOf, quick } from '../../fixtures/stores/ask.ts'
import { type FakeVault, fakeVault } from '../../fixtures/stores/vault.ts'
import { faultsOfLater, folder } from './folder.ts'

const envOf = ({ url }: FakeVault, token = 'root') => ({ VAULT_ADDR: `${url}/`, VAULT_TOKEN: token })

test('the fake of Vault is one to node-vault, which passes', async () => {
  const fake = await fakeVault()
  fake.world.values.set('kv/app', [{ password: 'a' }, { password: 'b' }])
  const client = nodeVault({ endpoint: fake.url, token: 'root' })
  expect((await client.read('kv/data/app')).data.data).toEqual({ password: 'b' })
  const signed = await client.approleLogin({ role_id: 'role', secret_id: 'secret' })
  expect(signed.auth.client_token).toBe('login-1')
  expect((await client.tokenLookupSelf()).data.renewable).toBe(true)
  expect((await client.tokenRenewSelf()).auth.lease_duration).toBe(3600)
  const wrong = nodeVault({ endpoint: fake.url, token: 'wrong' })
  await expect(wrong.read('kv/data/app')).rejects.toThrow('permission denied')
  fake.world.sealed = true
  await expect(client.read('kv/data/app')).rejects.toThrow('Vault is sealed')
})

describe('Vault', () => {
  test('has stores of both versions, which are told apart', async () => {
    const fake = await fakeVault()
    fake.world.values
      .set('kv/shop/app', [{ password: 'a', port: 5432 }, { password: 'b' }])
      .set('old/app', [{ key: 'c' }])
    const uris = [
      'secret://vault/kv/shop/app?version=1',
      'secret://vault/kv/shop/app',
      'secret://vault/old/app',
      'secret://vault/kv/gone',
    ]
    expect(await ask(vault(quick), uris, envOf(fake))).toEqual([
      { password: 'a', port: 5432 },
      { password: 'b' },
      { key: 'c' },
      '!Vault answered 404 nothing there for kv/data/gone',
    ])
    // Each mount is asked about once.
    expect(fake.calls().filter((call) => call.includes('internal/ui/mounts')).length).toBe(2)
    const relative = vault({ ...quick, mount: 'kv/shop' })
    expect(await ask(relative, ['secret://vault/app'], envOf(fake))).toEqual([{ password: 'b' }])
  })

  test('whose policy hides the mount is taken for one of version 2', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    fake.world.denied.add('sys/internal/ui/mounts/kv/app')
    expect(await ask(vault(quick), ['secret://vault/kv/app'], envOf(fake))).toEqual([{ a: 1 }])
  })

  test('that denies says of which path and policy, and is not asked again', async () => {
    const fake = await fakeVault()
    fake.world.denied.add('kv/data/app')
    expect(await ask(vault(quick), ['secret://vault/kv/app'], envOf(fake))).toEqual([
      '!Vault answered 403 permission denied for kv/data/app (policy of the token?)',
    ])
    expect(fake.calls().filter((call) => call === 'GET kv/data/app').length).toBe(1)
    expect((await ask(vault(quick), ['secret://vault/kv/app'], envOf(fake, canary)))[0]).not.toContain(mark)
  })

  test('lets in by AppRole and by the pod of Kubernetes', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    const uri = ['secret://vault/kv/app']
    const env = { VAULT_ADDR: fake.url }
    expect(
      await ask(vault({ ...quick, auth: { method: 'approle' } }), uri, {
        ...env,
        VAULT_ROLE_ID: 'role',
        VAULT_SECRET_ID: 'secret',
      }),
    ).toEqual([{ a: 1 }])
    const jwtFile = join(folder({ token: 'pod-token\n' }), 'token')
    expect(await ask(vault({ ...quick, auth: { method: 'kubernetes', role: 'api', jwtFile } }), uri, env)).toEqual([
      { a: 1 },
    ])
    const wrong = vault({ ...quick, auth: { method: 'approle', roleId: 'role', secretId: canary } })
    expect(await ask(wrong, uri, env)).toEqual([
      '!Vault answered 400 invalid role or secret ID to the login of AppRole at approle',
    ])
    const other = vault({ ...quick, auth: { method: 'kubernetes', role: 'web', jwtFile } })
    expect(await ask(other, uri, env)).toEqual([
      '!Vault answered 403 permission denied to the login of role "web" at kubernetes',
    ])
  })

  test('is asked in its namespace', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    fake.world.namespace = 'team-a'
    expect(await ask(vault(quick), ['secret://vault/kv/app'], { ...envOf(fake), VAULT_NAMESPACE: 'team-a' })).toEqual([
      { a: 1 },
    ])
    expect(await ask(vault({ ...quick, namespace: 'team-a' }), ['secret://vault/kv/app'], envOf(fake))).toEqual([
      { a: 1 },
    ])
  })

  test('is signed in to anew when it no longer knows our token', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    const provider = vault({ ...quick, auth: { method: 'approle', roleId: 'role', secretId: 'secret' } })
    const read = () => ask(provider, ['secret://vault/kv/app'], { VAULT_ADDR: fake.url })
    expect(await read()).toEqual([{ a: 1 }])
    for (const token of fake.world.tokens.keys()) if (token !== 'root') fake.world.tokens.delete(token)
    expect(await read()).toEqual([{ a: 1 }])
    expect(fake.calls().filter((call) => call.endsWith('/login')).length).toBe(2)
  })

  test('renews its token before the end of it, and signs in when it cannot', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    const provider = vault({ ...quick, auth: { method: 'approle', roleId: 'role', secretId: 'secret' } })
    const clock = { time: Date.now(), now: () => clock.time }
    const read = () => ask(provider, ['secret://vault/kv/app'], { VAULT_ADDR: fake.url }, { clock })
    await read()
    clock.time += 3_550_000
    await read()
    expect(fake.calls().filter((call) => /login|renew/.test(call))).toEqual([
      'POST auth/approle/login',
      'POST auth/token/renew-self',
    ])
    clock.time += 3_550_000
    fake.world.tokens.clear()
    await read()
    expect(fake.calls().filter((call) => call.endsWith('/login')).length).toBe(2)
  })

  test('gives credentials of a database on lease, and renews the lease instead of making others', async () => {
    const fake = await fakeVault()
    const provider = vault(quick)
    const uri = ['secret://vault/database/creds/api']
    const read = () => ask(provider, uri, envOf(fake))
    const first = await read()
    expect(first).toEqual([{ username: 'v-api-1', password: 'made-1' }])
    expect(await read()).toEqual(first)
    expect([...fake.world.leases.values()]).toEqual([{ renewed: 1, over: false }])
    for (const lease of fake.world.leases.values()) lease.over = true
    expect(await read()).toEqual([{ username: 'v-api-2', password: 'made-2' }])
  })

  test('tells how long secrets are good: the lease, and the token that has to be renewed', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: 1 }])
    fake.world.tokens.set('short', { ttl: 600, renewable: true })
    const ttlOf = async (uri: string, token: string) => {
      const reference = {
        uri,
        provider: 'vault',
        name: uri.slice('secret://vault/'.length),
        params: {},
        field: undefined,
      }
      const answer = (await vault(quick).resolve([reference], contextOf(envOf(fake, token)))).get(uri)
      return answer && 'ttl' in answer ? Math.round(answer.ttl! / 1000) : undefined
    }
    expect(await ttlOf('secret://vault/kv/app', 'root')).toBeUndefined()
    expect(await ttlOf('secret://vault/kv/app', 'short')).toBe(600)
    expect(await ttlOf('secret://vault/database/creds/api', 'root')).toBe(3600)
  })

  test('that is sealed is unreachable: nothing is wrong with the settings', async () => {
    const fake = await fakeVault()
    fake.world.sealed = true
    expect(await ask(vault(quick), ['secret://vault/kv/app'], envOf(fake))).toEqual([
      '!!Vault answered 503 Vault is sealed',
    ])
    await expect(vault(quick).probe!(contextOf(envOf(fake)))).rejects.toThrow('sealed')
    const reading = defineSettings(T.Object({ key: T.Secret() }), {
      dir: folder({ 'config/base.yaml': 'key: secret://vault/kv/app#key' }),
      env: envOf(fake),
      secretsDir: false,
      secrets: [vault(quick)],
    })
    const error = await reading.catch((error: unknown) => error)
    expect((error as SettingsError).details.map(({ kind }) => kind)).toEqual(['unreachable'])
    expect(error).toBeInstanceOf(SettingsError)
  })
})

describe('a reference that cannot be resolved', () => {
  test('is a boot error and never falls back to its own text', async () => {
    const fake = await fakeVault()
    fake.world.denied.add('kv/data/app')
    const schema = T.Object({
      pw: T.Optional(T.Secret()),
      url: T.Optional(T.String()),
      list: T.Optional(T.Array(T.String())),
    })
    const read = (text: string, env: Record<string, string> = {}) =>
      defineSettings(schema, {
        dir: folder({ 'config/base.yaml': text }),
        env: { ...envOf(fake), ...env },
        args: [],
        secretsDir: false,
        secrets: [vault({ ...quick, mount: 'kv', auth: { method: 'token' } })],
      })
    expect(await faultsOfLater(() => read('pw: secret://vault/app#pw'))).toEqual([
      'secret://vault/app#pw: Vault answered 403 permission denied for kv/data/app (policy of the token?) (pw, from config/base.yaml:1:5)',
    ])
    expect(await faultsOfLater(() => read('list: [a, secret://vault/app#pw]'))).toHaveLength(1)
    expect(await faultsOfLater(() => read('', { KWIK_LIST: '["secret://vault/app#pw"]' }))).toHaveLength(1)
    expect(await faultsOfLater(() => read('url: secret://vault'))).toEqual([
      'secret://vault: a reference is secret://provider/name, with ?version=… and #field where they are needed (url, from config/base.yaml:1:6)',
    ])
    fake.world.values.set('kv/app', [{ pw: canary, more: 'x' }])
    fake.world.denied.clear()
    expect(await faultsOfLater(() => read('pw: secret://vault/app'))).toEqual([
      'secret://vault/app: the secret has fields: name one of them, as in #pw (pw, from config/base.yaml:1:5)',
    ])
    const settings = await read('pw: secret://vault/app#pw')
    expect(settings.current.pw?.reveal()).toBe(canary)
    expect(() => settings.override({ url: 'secret://vault/app#pw' }, () => 0)).toThrow('an override is a value')
  })

  test('that a stronger layer replaces is not asked for', async () => {
    const fake = await fakeVault()
    const settings = await defineSettings(T.Object({ pw: T.Secret() }), {
      dir: folder({ 'config/base.yaml': 'pw: secret://vault/kv/app#pw', '.env': 'KWIK_PW=local' }),
      env: envOf(fake),
      args: [],
      secretsDir: false,
      secrets: [vault(quick)],
    })
    expect([settings.current.pw.reveal(), fake.arrived.length]).toEqual(['local', 0])
  })

  test('is asked for once, however often it stands', async () => {
    const fake = await fakeVault()
    fake.world.values.set('kv/app', [{ a: '1', b: '2' }])
    const settings = await defineSettings(T.Object({ a: T.Secret(), b: T.Secret(), c: T.Integer() }), {
      dir: folder({
        'config/base.yaml': 'a: secret://vault/kv/app#a\nb: secret://vault/kv/app#b\nc: secret://vault/kv/app#a',
      }),
      env: envOf(fake),
      args: [],
      secretsDir: false,
      secrets: [vault(quick)],
    })
    expect([settings.current.a.reveal(), settings.current.b.reveal(), settings.current.c]).toEqual(['1', '2', 1])
    expect(fake.calls().filter((call) => call.startsWith('GET kv/data')).length).toBe(1)
  })
})
