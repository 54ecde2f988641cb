import type { Definition } from '../definition.ts'
import type { SettingsFault } from '../errors.ts'
import { invalid } from '../errors.ts'
import { parseDotenv } from '../files/dotenv.ts'
import type { LocatedMap } from '../files/located.ts'
import { below, type ResolvedSettingsOptions } from '../options.ts'
import { configLayers, type LoadModule } from './config-files.ts'
import { flagLayer } from './flags.ts'
import { choosesProfile, type Profile, profileOf } from './profile.ts'
import { namedFiles, secretFiles } from './secret-files.ts'
import { readText } from './text.ts'

/** A variable with where it was read. */
export interface Sourced {
  readonly name: string
  readonly text: string
  /** `env PORT`, `.env:4 PORT`. */
  readonly from: string
}

/** A text for one setting, by its key. */
export interface Keyed {
  readonly key: string
  readonly text: string
  readonly from: string
}

/** A file of values. */
export interface ConfigTree {
  /** As it is shown: `config/base.yaml`. */
  readonly file: string
  readonly root: LocatedMap
}

/** One place that settings come from. Later layers count more. */
export interface Layer {
  readonly name: string
  readonly variables?: readonly Sourced[]
  readonly keyed?: readonly Keyed[]
  readonly tree?: ConfigTree
}

export interface Layers {
  readonly profile: Profile
  /** From the one that counts least to the one that counts most; defaults are below all of them, overrides above. */
  readonly layers: readonly Layer[]
  readonly faults: readonly SettingsFault[]
  readonly warnings: readonly string[]
  /** Files and folders whose change would mean other settings. */
  readonly watched: readonly string[]
}

/**
 * Reads every layer: files of values (base, profiles, local), `.env`, `.env.<profile>`, `.env.local`, secret files, the
 * environment, flags. What is local does not count in tests, which must not depend on one machine.
 */
export function readLayers(
  { options, names, leaves }: Pick<Definition, 'options' | 'names' | 'leaves'>,
  load: LoadModule,
): Layers {
  const faults: SettingsFault[] = []
  const environment = Object.entries(options.env).flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, text, from: `env ${name}` }],
  )
  const base = dotenvFile(options, '.env', faults)
  const flags = flagLayer(options.args)
  const flagged = flags.keyed
    .filter(({ key }) => key === 'profile')
    .map(({ text, from }) => ({ name: `${options.prefix}PROFILE`, text, from }))
  const { profile, faults: unknown } = profileOf(options, [flagged, environment, base])
  faults.unshift(...unknown)
  const isTest = profile.names.includes('test')
  const late = [...profile.names.map((name) => `.env.${name}`), ...(isTest ? [] : ['.env.local'])].map((file) => ({
    name: file,
    variables: dotenvFile(options, file, faults),
  }))
  for (const { name, from } of late.flatMap(({ variables }) => variables))
    if (choosesProfile(options, name))
      faults.push(invalid(`${from} cannot choose the profile: set it in the environment or in .env`))
  const config = configLayers(options, profile.names, load)
  const tree = secretFiles(options, names, leaves)
  const dotenvs: Layer[] = [{ name: '.env', variables: base }, ...late]
  const named = namedFiles(options, names, [...dotenvs.map(({ variables }) => variables!), environment])
  return {
    profile,
    layers: [
      ...config.layers,
      ...dotenvs,
      { name: 'secret files', keyed: tree.keyed, variables: [...tree.variables, ...named.variables] },
      { name: 'environment', variables: environment },
      { name: 'flags', keyed: flags.keyed.filter(({ key }) => key !== 'profile') },
    ],
    faults: [...config.faults, ...faults, ...tree.faults, ...named.faults, ...flags.faults],
    warnings: config.warnings,
    watched: [
      ...config.watched,
      ...['.env', ...late.map(({ name }) => name)].map((file) => below(options, file)),
      ...(options.secretsDir === undefined ? [] : [options.secretsDir]),
      ...named.watched,
    ],
  }
}

function dotenvFile(options: ResolvedSettingsOptions, file: string, found: SettingsFault[]): readonly Sourced[] {
  const text = readText(below(options, file))
  if (text === undefined) return []
  if (text instanceof Error) found.push(invalid(`${file} cannot be read: ${text.message}`))
  const { variables, faults } = parseDotenv(text instanceof Error ? '' : text)
  found.push(...faults.map((fault) => invalid(`${file}:${fault.line} ${fault.text}`)))
  return variables.map(({ name, value, line }) => ({ name, text: value, from: `${file}:${line} ${name}` }))
}
