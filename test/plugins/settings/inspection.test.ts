import { describe, expect, test } from '#test'
import { define } from '../../../plugins/settings/definition.ts'
import { jsonSchemaOf } from '../../../plugins/settings/describe/json-schema.ts'
import { typesFileOf } from '../../../plugins/settings/describe/types-file.ts'
import { typeInWords } from '../../../plugins/settings/describe/words.ts'
import { defineSettings, T, vault } from '../../../plugins/settings/index.ts'
import { inspect, probeStores, readDefinition } from '../../../plugins/settings/inspection.ts'
import { fieldOf } from '../../../plugins/settings/secrets/field.ts'
import { parseReference } from '../../../plugins/settings/secrets/reference.ts'
import { canary } from '../../canary.ts'
import { fakeVault } from '../../fixtures/stores/vault.ts'
import { folder } from './folder.ts'

const schema = T.Object({
  port: T.Integer({ default: 1, minimum: 0 }),
  key: T.OptionalSecret(),
  mode: T.Union([T.Literal('a'), T.Literal('b')], { default: 'a' }),
  limits: T.Optional(T.Record(T.String(), T.Integer())),
  people: T.Array(T.Object({ name: T.String(), age: T.Optional(T.Number()) }), { default: [] }),
  'odd-name': T.Boolean({ default: true }),
  limit: T.Optional(T.Union([T.Integer(), T.Null()])),
})

describe('settings that are only looked at', () => {
  test('are not read: not even what is wrong with them is found', async () => {
    const options = { dir: folder({ 'config/base.yaml': 'port: x' }), env: {}, args: [], secretsDir: false } as const
    const definition = await inspect(async () => void defineSettings(schema, options))
    expect([...definition!.leaves.keys()].slice(0, 3)).toEqual(['port', 'key', 'mode'])
    expect(await inspect(async () => 'nothing')).toBeUndefined()
    await expect(inspect(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    // The mark is gone again.
    expect(() => defineSettings(schema, options)).toThrow('port: expected integer')
    const loaded = await readDefinition(definition!, { profile: 'production', args: ['--set', 'port=5'] })
    expect([loaded.profiles, loaded.values.get('port'), loaded.faults]).toEqual([['production'], 5, []])
    await expect(readDefinition(definition!, { profile: 'prod' })).rejects.toThrow('profile must be one of')
  })

  test('say which stores let us in', async () => {
    const fake = await fakeVault()
    const env = { VAULT_ADDR: fake.url, VAULT_TOKEN: 'root' }
    const options = { env, args: [], secrets: [vault({ backoff: '1ms' })] }
    expect(await probeStores(define(schema, options), ['production'])).toEqual([{ scheme: 'vault' }])
    fake.world.sealed = true
    expect(await probeStores(define(schema, options), ['production'])).toEqual([
      { scheme: 'vault', trouble: 'Vault answered 503 Vault is sealed for auth/token/lookup-self' },
    ])
  })
})

describe('settings in words', () => {
  const { leaves, root } = define(schema, { env: {}, args: [] })

  test('have types for people', () => {
    expect([...leaves.values()].map(({ schema: one }) => typeInWords(one))).toEqual([
      'integer, 0 at least',
      'secret',
      'one of "a", "b"',
      'record of integer',
      'list of object',
      'true or false',
      'integer or null',
    ])
  })

  test('have types for the compiler', () => {
    expect(typesFileOf({ root })).toContain(
      [
        '  readonly port: number',
        '  readonly key?: Secret',
        '  readonly mode: "a" | "b"',
        '  readonly limits?: Readonly<Record<string, number>>',
        '  readonly people: readonly ({ readonly name: string; readonly age?: number })[]',
        '  readonly "odd-name": boolean',
        '  readonly limit?: number | null',
      ].join('\n'),
    )
  })

  test('have a JSON Schema', () => {
    const { properties } = jsonSchemaOf({ root }) as { properties: Record<string, { anyOf: readonly unknown[] }> }
    expect(properties['limits']!.anyOf[0]).toEqual({
      type: 'object',
      patternProperties: { '^(.*)$': { type: 'integer' } },
    })
    expect(properties['mode']!.anyOf[0]).toEqual({
      anyOf: [
        { type: 'string', const: 'a' },
        { type: 'string', const: 'b' },
      ],
    })
    expect(properties['key']).toMatchObject({ writeOnly: true })
  })
})

describe('references', () => {
  test('have a provider, a name, words and a field', () => {
    expect(parseReference('secret://aws/a%20b/c?version=3&region=x#d.e')).toEqual({
      uri: 'secret://aws/a%20b/c?version=3&region=x#d.e',
      provider: 'aws',
      name: 'a b/c',
      params: { version: '3', region: 'x' },
      field: 'd.e',
    })
    expect(parseReference('secret://aws/a?version=1&version=2')).toBe('version is said twice')
    for (const wrong of ['secret://', 'secret:///a', 'secret://aws/', 'secret://aws', 'secret://aws/%zz'])
      expect(parseReference(wrong)).toContain('a reference is secret://provider/name')
  })

  test('pick a field, also one inside of another', () => {
    expect(fieldOf('{"a":{"b":1},"c.d":"x"}', 'a.b')).toEqual({ text: '1' })
    expect(fieldOf('{"a":{"b":1},"c.d":"x"}', 'c.d')).toEqual({ text: 'x' })
    expect(fieldOf('{"a":{"b":1}}', 'a')).toEqual({ text: '{"b":1}' })
    for (const [value, field] of [
      [canary, 'a'],
      [`["${canary}"]`, 'a'],
    ] as const)
      expect(fieldOf(value, field)).toEqual({ trouble: 'the secret is no JSON object, so it has no field a' })
    expect(fieldOf('{"a":null}', 'a')).toEqual({ trouble: 'the secret has no field a' })
    expect(fieldOf({ only: 'x' }, undefined)).toEqual({ text: 'x' })
  })
})
