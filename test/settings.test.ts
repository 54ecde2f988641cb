import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { describe, expect, test } from '#test'
import packageJson from '../package.json'
import type { Definition } from '../plugins/settings/definition.ts'
import { jsonSchemaOf } from '../plugins/settings/describe/json-schema.ts'
import { inspect } from '../plugins/settings/inspection.ts'
import { subpaths } from '../tools/exports-table.ts'
import { formatted, platformSources } from '../tools/platform-settings.ts'
import { optionsOfParts, parts } from '../tools/settings-sources.ts'
import { settingsPage } from '../tools/settings-table.ts'
import { root } from './sources.ts'

const page: string = readFileSync(`${root}/docs/reference/settings.md`, 'utf8')

describe('docs/reference/settings.md', () => {
  test('is what `bun tools/settings-table.ts` writes', () => {
    expect(page).toBe(settingsPage())
  })

  test('misses no option of any part: each is a setting, a group of them, or said to be of the code alone', () => {
    const keys = new Set([...page.matchAll(/^\| `([\w.]+)` /gm)].map(([, key]) => key!))
    const groups = new Set([...keys].flatMap((key) => key.split('.').map((_, at, all) => all.slice(0, at).join('.'))))
    const missing = optionsOfParts().filter(({ key }) => !keys.has(key) && !groups.has(key))
    expect(missing.map(({ key }) => key)).toEqual([])
    expect(optionsOfParts().length).toBeGreaterThan(40)
  })

  test('knows every interface of options that a plugin exports, or why it has no settings', () => {
    const exported = subpaths(packageJson.exports)
      .filter(({ file }) => file.startsWith('./plugins/'))
      .flatMap(({ types }) => types.filter((type) => /Options$/.test(type)))
    const known = new Set([...Object.values(parts), ...Object.keys(elsewhere)])
    expect(exported.filter((name) => !known.has(name))).toEqual([])
    expect(Object.keys(elsewhere).filter((name) => !exported.includes(name))).toEqual([])
  })
})

/** Interfaces of options that are no part of `kwik()`, and where they belong. */
const elsewhere: Readonly<Record<string, string>> = {
  AccountsOptions: 'what kwik() itself gives to the plugin',
  ApiKeysOptions: 'accounts.apiKeys',
  AwsOptions: 'a store of secrets: what reads settings cannot be one',
  AzureOptions: 'a store of secrets',
  BulkOptions: 'of one resource',
  ClaimTenantOptions: 'where a tenant is told is part of how an app is made',
  CorsOptions: 'headers.cors',
  DatabaseUsageOptions: 'of one store of usage',
  DatabasePluginOptions: 'what kwik() itself gives to the plugin',
  DopplerOptions: 'a store of secrets',
  EmailOptions: 'what kwik() itself gives to the plugin',
  ExportOptions: 'of one list',
  FileSinkOptions: 'of one sink',
  FunctionTenantOptions: 'as ClaimTenantOptions',
  GcpOptions: 'a store of secrets',
  GenerateOptions: 'of a tool',
  HeaderTenantOptions: 'as ClaimTenantOptions',
  HistoryOptions: 'of one resource',
  HostTenantOptions: 'as ClaimTenantOptions',
  HstsOptions: 'headers.hsts',
  ImpersonationOptions: 'accounts.impersonation',
  ImportOptions: 'of a tool',
  InfisicalOptions: 'a store of secrets',
  InstrumentOptions: 'of one instrument',
  Ipv6Options: 'rateLimit.ipv6',
  KeychainOptions: 'a store of secrets',
  ListenOptions: 'of one listener',
  LogMailerOptions: 'of one mailer',
  LoggerOptions: 'log',
  ManyOptions: 'of one relation',
  MemoryKeysOptions: 'of one store of idempotency keys',
  MigrateOptions: 'of a tool',
  OtlpSinkOptions: 'of one sink',
  PrometheusOptions: 'metrics.prometheus',
  RefreshOptions: 'tokens.refresh',
  RegisterOptions: 'accounts.register',
  SessionOptions: 'tokens',
  SessionServiceOptions: 'what kwik() itself gives to the service',
  SignOptions: 'of one token',
  TriggerOptions: 'of one table',
  SmtpOptions: 'of one mailer',
  TenantsOptions: 'as ClaimTenantOptions',
  TokenServiceOptions: 'tokens',
  VersionsOptions: 'what versions() takes: versions are part of how an app is made',
  ParameterStoreOptions: 'a store of secrets',
  PermissionsOptions: 'names that the code declares',
  ProvideSettingsOptions: 'what reads settings cannot be one',
  RelationOptions: 'of one relation',
  ResourceOptions: 'of one resource',
  RouteOptions: 'of one route',
  SecretOptions: 'of a schema',
  SettingsOptions: 'what reads settings cannot be one',
  SqlKeysOptions: 'of one store of idempotency keys',
  StoreOptions: 'a store of secrets',
  SweepOptions: 'of a tool',
  TokensOptions: 'tokens',
  VaultOptions: 'a store of secrets',
}

describe('src/settings', () => {
  test('is what `bun tools/platform-settings.ts` writes', async () => {
    for (const [path, text] of await formatted(platformSources()))
      expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(text)
  }, 30_000)
})

describe('the JSON Schema of settings', () => {
  /** The settings that the guide declares, whose files the pages show. */
  const declared = async (): Promise<Definition> => {
    const guide = readFileSync(`${root}/docs/guides/settings.md`, 'utf8')
    const [, code] = /^```ts settings\.ts\n([\s\S]*?)^```/m.exec(guide)!
    // Inside the repository, so that `kwik/...` is the package itself.
    mkdirSync(`${root}/build`, { recursive: true })
    const folder = mkdtempSync(`${root}/build/settings-`)
    try {
      writeFileSync(join(folder, 'settings.ts'), code!)
      return (await inspect(() => import(join(folder, 'settings.ts'))))!
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const samples = ['settings', 'secrets'].flatMap((name) =>
    [
      ...readFileSync(`${root}/docs/guides/${name}.md`, 'utf8').matchAll(/^```(?:yaml|json)\b[^\n]*\n([\s\S]*?)^```/gm),
    ].map(([, text], at) => [`${name}.md, ${at + 1}`, text!] as const),
  )

  test('takes every sample of a config file in the docs, and is a schema itself', async () => {
    const check = new Ajv({ strict: false, validateSchema: true }).compile(jsonSchemaOf(await declared()))
    expect(samples.length).toBeGreaterThanOrEqual(4)
    for (const [name, text] of samples) expect([name, check(parse(text)), check.errors]).toEqual([name, true, null])
  })

  test('refuses what settings refuse', async () => {
    const check = new Ajv({ strict: false }).compile(jsonSchemaOf(await declared()))
    const wrong = [
      { server: { hots: 'x' } },
      { shop: { pageSize: 0 } },
      { shop: { pageSize: 'many' } },
      { shop: { currency: 'GBP' } },
      { shop: { countries: 'DE' } },
      { shop: 5 },
      { log: { level: 'loud' } },
    ]
    expect(wrong.filter((one) => check(one))).toEqual([])
    expect(
      check({ shop: { pageSize: ['$', '{server.port}'].join(''), paymentKey: 'secret://vault/a#b' }, redis: null }),
    ).toBe(true)
  })
})
