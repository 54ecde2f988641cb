import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { SecretClient } from '@azure/keyvault-secrets'
import DopplerSdk from '@dopplerhq/node-sdk'
import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { InfisicalSDK } from '@infisical/sdk'
import { describe, expect, test } from '#test'
import { azureKeyVault, doppler, gcpSecretManager, infisical } from '../../../plugins/settings/index.ts'
import { crc32c } from '../../../plugins/settings/secrets/crc32c.ts'
import { canary } from '../../canary.ts'
import { ask, contextOf, quick } from '../../fixtures/stores/ask.ts'
import { fakeAzure, fakeDoppler, fakeGcp, fakeInfisical } from '../../fixtures/stores/clouds.ts'
import { authority } from '../../fixtures/stores/server.ts'
import { folder } from './folder.ts'

describe('Google Secret Manager', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const account = (url: string) => ({
    type: 'service_account',
    client_email: 'api@shop.iam.gserviceaccount.com',
    private_key: privateKey,
    private_key_id: 'k1',
    token_uri: `${url}/token`,
    project_id: 'shop',
  })

  test("has a fake that is one to Google's own client, which passes", async () => {
    const fake = await fakeGcp()
    fake.world.secrets.set('shop/mail', ['first', 'second'])
    const { hostname, port } = new URL(fake.url)
    // Who it is to Google is the work of another package; here it is somebody with a token.
    const authorization = 'Bearer google-token'
    const auth = {
      getUniverseDomain: async () => 'googleapis.com',
      getClient: async () => ({ getRequestHeaders: async () => new Headers({ authorization }) }),
      fetch: (url: string, init: RequestInit) => fetch(url, { ...init, headers: { ...init.headers, authorization } }),
    }
    const client = new SecretManagerServiceClient({
      fallback: true,
      protocol: 'http',
      apiEndpoint: hostname,
      port: Number(port),
      auth,
    } as never)
    const [version] = await client.accessSecretVersion({ name: 'projects/shop/secrets/mail/versions/latest' })
    expect(String(version.payload?.data)).toBe('second')
    await client.close()
  })

  test('gives secrets to a service account, which signs for its token', async () => {
    const fake = await fakeGcp()
    fake.world.publicKey = publicKey
    fake.world.secrets.set('shop/mail', ['first', 'second']).set('other/key', ['third'])
    const keyFile = join(folder({ 'key.json': JSON.stringify(account(fake.url)) }), 'key.json')
    const uris = [
      'secret://gcp/mail',
      'secret://gcp/mail?version=1',
      'secret://gcp/key?project=other',
      'secret://gcp/projects/other/secrets/key',
      'secret://gcp/gone',
    ]
    const provider = gcpSecretManager({ ...quick, endpoint: fake.url })
    expect(await ask(provider, uris, { GOOGLE_APPLICATION_CREDENTIALS: keyFile })).toEqual([
      'second',
      'first',
      'third',
      'third',
      '!Google Secret Manager answered 404 Secret [projects/shop/secrets/gone] not found or has no versions. for projects/shop/secrets/gone/versions/latest',
    ])
    expect(fake.arrived.filter(({ path }) => path === '/token').length).toBe(1)
    fake.world.publicKey = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).publicKey
    const [trouble] = await ask(gcpSecretManager({ ...quick, endpoint: fake.url, keyFile }), ['secret://gcp/mail'])
    expect(trouble).toBe(
      '!Google answered 400 Invalid JWT Signature. for the token of api@shop.iam.gserviceaccount.com',
    )
  })

  test("gives secrets to a machine's own account", async () => {
    const fake = await fakeGcp()
    fake.world.secrets.set('machine-project/mail', ['here'])
    const env = { GCE_METADATA_HOST: new URL(fake.url).host }
    const provider = gcpSecretManager({ ...quick, endpoint: fake.url })
    expect(await ask(provider, ['secret://gcp/mail'], env)).toEqual(['here'])
    fake.world.damaged = true
    expect((await ask(provider, ['secret://gcp/mail'], env))[0]).toContain('damaged bytes')
  })

  test('is checked by a sum that others come to as well', () => {
    // RFC 3720, appendix B.4.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, n) => n))).toBe(0x46dd794e)
  })
})

describe('Azure Key Vault', () => {
  /** A fetch that trusts the authority of these tests, on Bun and on Deno. */
  const trusting = (): typeof fetch => {
    const deno = (globalThis as { Deno?: { createHttpClient(options: object): object } }).Deno
    const more = deno ? { client: deno.createHttpClient({ caCerts: [authority] }) } : { tls: { ca: authority } }
    return ((url: string, init?: RequestInit) => fetch(url, { ...init, ...more } as RequestInit)) as typeof fetch
  }
  const client = { AZURE_CLIENT_ID: 'client', AZURE_CLIENT_SECRET: 'client-secret' }

  test("has a fake that is one to Azure's own client, which passes", async () => {
    const fake = await fakeAzure()
    fake.world.secrets.set('mail', ['first', 'second'])
    const token = { token: 'azure-token', expiresOnTimestamp: Date.now() + 3_600_000 }
    const own = new SecretClient(
      fake.url,
      { getToken: async () => token },
      {
        disableChallengeResourceVerification: true,
        tlsOptions: { ca: authority },
        retryOptions: { maxRetries: 0 },
      },
    )
    expect((await own.getSecret('mail')).value).toBe('second')
    expect((await own.getSecret('mail', { version: '1' })).value).toBe('first')
    await expect(own.getSecret('gone')).rejects.toThrow('was not found in this key vault')
  })

  test('asks who it trusts, and gives secrets to a client', async () => {
    const fake = await fakeAzure()
    fake.world.secrets.set('mail', ['first', 'second'])
    const provider = azureKeyVault({ ...quick, fetch: trusting(), url: fake.url })
    const uris = ['secret://azure/mail', 'secret://azure/mail?version=1', 'secret://azure/gone']
    expect(await ask(provider, uris, client)).toEqual([
      'second',
      'first',
      '!Azure Key Vault answered 404 A secret with (name/id) gone was not found in this key vault. for secrets/gone',
    ])
    expect(fake.arrived.filter(({ path }) => path.endsWith('/token')).length).toBe(1)
    const wrong = azureKeyVault({ ...quick, fetch: trusting(), url: fake.url })
    expect(await ask(wrong, ['secret://azure/mail'], { ...client, AZURE_CLIENT_SECRET: canary })).toEqual([
      '!Azure answered 401 AADSTS7000215: Invalid client secret provided. for the token of the client client',
    ])
  })

  test('gives secrets to a federated token and to the identity of a machine', async () => {
    const fake = await fakeAzure()
    fake.world.secrets.set('mail', ['here'])
    const options = { ...quick, fetch: trusting(), url: fake.url }
    const file = join(folder({ token: 'federated-token' }), 'token')
    const federated = { AZURE_CLIENT_ID: 'client', AZURE_TENANT_ID: 'tenant', AZURE_FEDERATED_TOKEN_FILE: file }
    expect(await ask(azureKeyVault(options), ['secret://azure/mail'], federated)).toEqual(['here'])
    const machine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: fake.url }
    expect(await ask(azureKeyVault(options), ['secret://azure/mail'], machine)).toEqual(['here'])
    await azureKeyVault(options).probe!(contextOf(machine))
  })

  test('is not given a token for another domain, and is spoken to over TLS alone', async () => {
    const fake = await fakeAzure()
    fake.world.resource = 'https://vault.azure.net'
    const provider = azureKeyVault({ ...quick, fetch: trusting(), url: fake.url })
    expect(await ask(provider, ['secret://azure/mail'], client)).toEqual([
      '!Azure Key Vault asks for a token for vault.azure.net, to which localhost does not belong',
    ])
    expect(fake.arrived.some(({ path }) => path.endsWith('/token'))).toBe(false)
    expect(
      (await ask(azureKeyVault(quick), ['secret://azure/mail'], { AZURE_KEY_VAULT_URL: 'http://localhost:1' }))[0],
    ).toContain('with https')
    expect(
      (await ask(azureKeyVault({ ...quick, url: fake.url, attempts: 1 }), ['secret://azure/mail'], client))[0],
    ).toMatch(/^!!Azure Key Vault did not answer at localhost/)
  })
})

describe('Infisical', () => {
  const env = {
    INFISICAL_CLIENT_ID: 'client',
    INFISICAL_CLIENT_SECRET: 'client-secret',
    INFISICAL_PROJECT_ID: 'project',
  }

  test("has a fake that is one to Infisical's own client, which passes", async () => {
    const fake = await fakeInfisical()
    fake.world.folders.set('prod:/', { MAIL_KEY: 'a' })
    const own = new InfisicalSDK({ siteUrl: fake.url })
    await own.auth().universalAuth.login({ clientId: 'client', clientSecret: 'client-secret' })
    const { secrets } = await own.secrets().listSecrets({ environment: 'prod', projectId: 'project' })
    expect(secrets.map(({ secretKey, secretValue }) => [secretKey, secretValue])).toEqual([['MAIL_KEY', 'a']])
    const one = await own.secrets().getSecret({ environment: 'prod', projectId: 'project', secretName: 'MAIL_KEY' })
    expect(one.secretValue).toBe('a')
    const wrong = new InfisicalSDK({ siteUrl: fake.url })
    await expect(wrong.auth().universalAuth.login({ clientId: 'client', clientSecret: 'no' })).rejects.toThrow(
      'Invalid credentials',
    )
  })

  test('gives all secrets of a folder in one call, those it imports too', async () => {
    const fake = await fakeInfisical()
    fake.world.folders
      .set('prod:/', { MAIL_KEY: 'a', DB: 'b' })
      .set('prod:/shared', { DB: 'shadowed', HOST: 'c' })
      .set('eu:/mail', { KEY: 'd' })
    fake.world.imports.set('prod:/', 'prod:/shared')
    const provider = infisical({ ...quick, url: fake.url, environment: 'prod' })
    const uris = [
      'secret://infisical/MAIL_KEY',
      'secret://infisical/DB',
      'secret://infisical/HOST',
      'secret://infisical/KEY?environment=eu&path=/mail',
      'secret://infisical/DB?version=3',
      'secret://infisical/NO',
      'secret://infisical/X?path=/nowhere',
    ]
    expect(await ask(provider, uris, env)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'b of version 3',
      "!Infisical answered 404 Secret with name 'NO' not found for prod:/ NO",
      "!Infisical answered 404 Folder with path '/nowhere' in environment 'prod' not found for prod:/nowhere",
    ])
    expect(fake.arrived.filter(({ path }) => path === '/api/v4/secrets').length).toBe(3)
    expect(fake.arrived.some(({ path }) => path.includes('v3'))).toBe(false)
  })

  test('takes the profile for the environment, and says who was not let in', async () => {
    const fake = await fakeInfisical()
    fake.world.folders.set('production:/', { A: '1' })
    const provider = infisical({ ...quick, url: fake.url })
    expect(await ask(provider, ['secret://infisical/A'], env)).toEqual(['1'])
    const wrong = { ...env, INFISICAL_CLIENT_SECRET: canary }
    expect(await ask(infisical({ ...quick, url: fake.url }), ['secret://infisical/A'], wrong)).toEqual([
      '!Infisical answered 401 Invalid credentials for the login of client',
    ])
  })
})

describe('Doppler', () => {
  const env = { DOPPLER_TOKEN: 'dp.st.fake' }

  test("has a fake that is one to Doppler's own client, which passes", async () => {
    const fake = await fakeDoppler()
    fake.world.configs.set('shop/prd', { MAIL_KEY: 'a' })
    const own = new DopplerSdk({ accessToken: 'dp.st.fake' })
    own.setBaseUrl(fake.url)
    expect(await own.secrets.download('shop', 'prd')).toMatchObject({ MAIL_KEY: 'a' })
  })

  test('gives all secrets of a config in one call', async () => {
    const fake = await fakeDoppler()
    fake.world.configs.set('-/-', { MAIL_KEY: 'a', DB: 'b' }).set('shop/dev', { MAIL_KEY: 'c' })
    const uris = [
      'secret://doppler/MAIL_KEY',
      'secret://doppler/DB',
      'secret://doppler/MAIL_KEY?project=shop&config=dev',
      'secret://doppler/NO',
      'secret://doppler/A?config=no',
    ]
    expect(await ask(doppler({ ...quick, url: fake.url }), uris, env)).toEqual([
      'a',
      'b',
      'c',
      '!Doppler has no NO',
      '!Doppler answered 404 Could not find requested config for its secrets',
    ])
    expect(fake.arrived.length).toBe(3)
    expect(await ask(doppler({ ...quick, url: fake.url }), uris.slice(0, 1), { DOPPLER_TOKEN: canary })).toEqual([
      '!Doppler answered 401 Invalid Service token for its secrets',
    ])
  })
})
