#!/usr/bin/env bun
/**
 * Writes src/settings, the settings of every part of `kwik()`, from the options of the parts.
 *
 *     bun tools/platform-settings.ts
 */
import { type FieldNode, type GroupNode, settingsOfParts } from './settings-sources.ts'

const root: string = `${import.meta.dir}/..`

/** Settings that every app has, with defaults of their own: `kwikSettings` has them. */
const base: Readonly<Record<string, readonly string[]>> = {
  server: ['port', 'host'],
  database: ['url'],
  tokens: ['secret'],
  log: ['level', 'format'],
}

/** The files of src/settings that are written, by their names. */
export function platformSources(): ReadonlyMap<string, string> {
  const { groups } = settingsOfParts()
  const files = [...groups].map(([name, { fields }]): [string, string] => {
    const left = fields.filter((field) => !base[name]?.includes(field.name))
    return [fileOf(name), partSource(name, { fields: left })]
  })
  return new Map([...files, ['platform.ts', indexSource([...groups.keys()])]])
}

const fileOf = (name: string): string => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`
const written = '// Written by `bun tools/platform-settings.ts` from the options of each part.\n'

function partSource(name: string, group: GroupNode): string {
  const isBase = name in base
  const types = typesOf(group)
  const type = isBase ? `TObject<KwikSettings['${name}']['properties'] & { ${types} }>` : `Settings<{ ${types} }>`
  const values = propertiesOf(group, `${name}.`)
  const code = isBase ? `beside(kwikSettings.${name}, { ${values} })` : `settings({ ${values} })`
  const all = `${type} ${code}`
  const names = ['Duration', 'Secret', 'Setting', 'Settings', 'Size'].filter((one) =>
    new RegExp(`\\b${one}\\b`).test(all),
  )
  const forms = [
    'beside',
    'duration',
    'either',
    'flag',
    'is',
    'listOf',
    'number',
    'oneOf',
    'recordOf',
    'secretLeaf',
    'setting',
    'settings',
    'size',
    'text',
  ]
  const used = forms.filter((one) => new RegExp(`(?<![\\w'.])${one}(?=[<(,)])`).test(code))
  const ofBase = isBase
    ? `import type { TObject } from '@sinclair/typebox'\nimport { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'\n`
    : ''
  return `${written}${ofBase}import { ${[...names.map((one) => `type ${one}`), ...used].join(', ')} } from './forms.ts'

export type ${typeName(name)} = ${type}

export const ${name}: ${typeName(name)} = ${code}
`
}

const typeName = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}Settings`

function indexSource(names: readonly string[]): string {
  const imports = names.map((name) => `import { ${name}, type ${typeName(name)} } from './${fileOf(name)}'`)
  const inBase = names.filter((name) => name in base).map((name) => `'${name}'`)
  return `${written}import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
${imports.join('\n')}

/** The settings of every part of \`kwik()\`. */
export interface PlatformSettings extends Omit<KwikSettings, ${inBase.join(' | ')}> {
${names.map((name) => `  readonly ${name}: ${typeName(name)}`).join('\n')}
}

/**
 * The settings of every part of \`kwik()\`, to be spread into an app's own schema. \`kwik({ settings })\` reads them: what somebody
 * gave counts more than the options in the code. From \`kwik\`.
 *
 * @example
 * const settings = defineSettings(T.Object({ ...platformSettings, shop: T.Object({ name: T.String() }) }))
 * const platform = kwik({ settings, rateLimit: {} })
 */
export const platformSettings: PlatformSettings = { ...kwikSettings, ${names.join(', ')} }
`
}

/** Settings that a reload of a running app changes: those that \`kwik()\` listens to. */
const hot: ReadonlySet<string> = new Set([
  ...['log.level', 'log.slowRequest', 'log.slowQuery', 'headers.cors.origins'],
  ...['rateLimit.global.limit', 'rateLimit.global.per', 'rateLimit.routes.limit', 'rateLimit.routes.per'],
  ...['ttl', 'swr', 'staleIfError', 'timeout', 'negative', 'grace', 'maxAge'].map((name) => `cache.${name}`),
])

function propertiesOf({ fields }: GroupNode, above = ''): string {
  return fields.map((field) => `${field.name}: ${property(field, above)}`).join(', ')
}

function property({ name, option, node }: FieldNode, above: string): string {
  if ('fields' in node) return `settings({ ${propertiesOf(node, `${above}${name}.`)} })`
  const words = [
    ...(option.says === '' ? [] : [`description: ${quoted(option.says)}`]),
    ...(option.byDefault === '' ? [] : [`byDefault: ${quoted(option.byDefault)}`]),
    ...(hot.has(`${above}${name}`) ? [`reload: 'hot'`] : []),
  ]
  const said = `{ ${words.join(', ')} }`
  return node.schema === 'secretLeaf' ? `secretLeaf(${said})` : `setting<${node.type}>(${node.schema}, ${said})`
}

const typesOf = ({ fields }: GroupNode): string =>
  fields
    .map(
      ({ name, node }) => `${name}: ${'fields' in node ? `Settings<{ ${typesOf(node)} }>` : `Setting<${node.type}>`}`,
    )
    .join('; ')

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** The sources as they are in the repository: formatted. */
export async function formatted(sources: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
  const files = await Promise.all(
    [...sources].map(async ([name, text]): Promise<[string, string]> => {
      const path = `src/settings/${name}`
      const words = [`${root}/node_modules/.bin/biome`, 'check', '--write', `--stdin-file-path=${path}`]
      const child = Bun.spawn(words, { cwd: root, stdin: Buffer.from(text) })
      return [path, await new Response(child.stdout).text()]
    }),
  )
  return new Map(files)
}

if (import.meta.main)
  for (const [path, text] of await formatted(platformSources())) await Bun.write(`${root}/${path}`, text)
