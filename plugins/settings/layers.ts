import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Dotenv, parseDotenv } from './dotenv.ts'
import type { ResolvedSettingsOptions } from './options.ts'

/** A variable with where it was read. */
export interface Sourced {
  readonly name: string
  readonly text: string
  /** `env PORT`, `.env:4 PORT`. */
  readonly from: string
}

/** One place that settings come from. Later layers count more. */
export interface Layer {
  readonly name: string
  readonly variables: readonly Sourced[]
  readonly faults: readonly string[]
}

export interface Profile {
  readonly name: string
  readonly from: string
}

export interface Layers {
  readonly profile: Profile
  /** From the one that counts least to the one that counts most; defaults are below all of them, overrides above. */
  readonly layers: readonly Layer[]
  readonly faults: readonly string[]
}

/** Reads every layer: `.env`, `.env.<profile>`, `.env.local` (but not in tests, which must not depend on one machine), the environment. */
export function readLayers(options: ResolvedSettingsOptions): Layers {
  const environment = environmentLayer(options)
  const base = fileLayer(options, '.env')
  const { profile, faults } = profileOf(options, [environment, base])
  const own = fileLayer(options, `.env.${profile.name}`)
  const local = profile.name === 'test' ? [] : [fileLayer(options, '.env.local')]
  const late = [own, ...local].flatMap(({ variables }) => variables.filter(({ name }) => isProfile(options, name)))
  return {
    profile,
    layers: [base, own, ...local, environment],
    faults: [
      ...faults,
      ...late.map(({ from }) => `${from} cannot choose the profile: set it in the environment or in .env`),
    ],
  }
}

const isProfile = ({ prefix }: ResolvedSettingsOptions, name: string): boolean =>
  name === `${prefix}PROFILE` || name === 'NODE_ENV'

function environmentLayer({ env }: ResolvedSettingsOptions): Layer {
  const variables = Object.entries(env).flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, text, from: `env ${name}` }],
  )
  return { name: 'environment', variables, faults: [] }
}

function fileLayer({ dir }: ResolvedSettingsOptions, file: string): Layer {
  const { variables, faults } = readFile(join(dir, file))
  return {
    name: file,
    variables: variables.map(({ name, value, line }) => ({ name, text: value, from: `${file}:${line} ${name}` })),
    faults: faults.map(({ line, text }) => `${file}:${line} ${text}`),
  }
}

function readFile(path: string): Dotenv {
  try {
    return parseDotenv(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return { variables: [], faults: [] }
    throw error
  }
}

function profileOf(
  options: ResolvedSettingsOptions,
  layers: readonly Layer[],
): { readonly profile: Profile; readonly faults: readonly string[] } {
  const { prefix, profiles } = options
  if (options.profile !== undefined) return { profile: { name: options.profile, from: 'option profile' }, faults: [] }
  for (const { variables } of layers)
    for (const wanted of [`${prefix}PROFILE`, 'NODE_ENV']) {
      const found = variables.find(({ name, text }) => name === wanted && text !== '')
      if (found === undefined) continue
      if (profiles.includes(found.text)) return { profile: { name: found.text, from: found.from }, faults: [] }
      const fault = `profile must be one of ${profiles.join(', ')} (got "${found.text}" from ${found.from})`
      return { profile: { name: profiles[0]!, from: 'default' }, faults: [fault] }
    }
  return { profile: { name: profiles[0]!, from: 'default' }, faults: [] }
}
