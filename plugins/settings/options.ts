import { join, resolve } from 'node:path'
import process from 'node:process'
import { besideBinary } from '#core/internal/binary'
import { didYouMean } from '#core/internal/spelling'
import type { SecretProvider } from './secrets/provider.ts'

/** What is wrong with settings that are each right: `fail('debug', 'must be false in production')`. */
export interface RuleFault {
  readonly key: string
  readonly text: string
}

/** What a rule knows beside the values. */
export interface RuleContext {
  readonly profile: string
  readonly profiles: readonly string[]
  fail(key: string, text: string): RuleFault
}

/** Looks at checked values together. What it answers is a fault, or nothing is wrong. */
export type Rule<Values> = (
  settings: Values,
  context: RuleContext,
) => RuleFault | readonly RuleFault[] | false | null | undefined | void

/** Where settings are read from. */
export interface SettingsOptions<Values = unknown> {
  /** The folder of the app, in which the `.env` files are. @default the working directory */
  readonly dir?: string
  /** The folder of `base.yaml`, `production.yaml`, `local.yaml` and their like, below `dir`. @default 'config' */
  readonly config?: string
  /** What the names of variables begin with. @default 'KWIK_' */
  readonly envPrefix?: string
  /** Instead of `KWIK_PROFILE` and `NODE_ENV`. Several count in their order: `'production,eu'`. */
  readonly profile?: string
  /** The profiles that exist. @default ['development', 'test', 'production'] */
  readonly profiles?: readonly string[]
  /** Instead of the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Variables with the prefix that belong to somebody else. @default [] */
  readonly ignore?: readonly string[]
  /** Where orchestrators put secrets as files; `false` for nowhere. @default '/run/secrets' */
  readonly secretsDir?: string | false
  /** Instead of the program's own arguments, of which `--set key=value` are read. */
  readonly args?: readonly string[]
  /** What must hold between settings. @default [] */
  readonly rules?: readonly Rule<Values>[]
  /** Stores of secrets that `secret://` references name. With them `defineSettings` answers a promise. */
  readonly secrets?: readonly SecretProvider[]
}

export interface ResolvedSettingsOptions {
  readonly dir: string
  /** As it is shown: below `dir`, or a path of its own. */
  readonly config: string
  readonly prefix: string
  readonly profile: string | undefined
  readonly profiles: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ignore: readonly string[]
  readonly secretsDir: string | undefined
  readonly args: readonly string[]
  readonly rules: readonly Rule<never>[]
  readonly secrets: readonly SecretProvider[]
}

/** @throws {TypeError} for a profile that does not exist, with the closest one */
export function resolveSettingsOptions<Values>(options: SettingsOptions<Values>): ResolvedSettingsOptions {
  const { dir = process.cwd(), config = 'config', envPrefix = 'KWIK_', env = process.env } = options
  const { profile, ignore = [], secretsDir = '/run/secrets', rules = [], secrets = [] } = options
  const profiles = options.profiles ?? ['development', 'test', 'production']
  for (const name of profile === undefined ? [] : namesIn(profile))
    if (!profiles.includes(name))
      throw new TypeError(
        `settings: profile must be one of ${profiles.join(', ')}, not "${name}"${didYouMean(name, profiles)}`,
      )
  const twice = secrets.find(({ scheme }, at) => secrets.findIndex((one) => one.scheme === scheme) !== at)
  if (twice) throw new TypeError(`settings: two providers of secrets are called ${twice.scheme}: give one another name`)
  return {
    dir: besideBinary(dir),
    config,
    prefix: envPrefix,
    profile,
    profiles,
    env,
    ignore,
    secretsDir: secretsDir === false ? undefined : secretsDir,
    args: options.args ?? process.argv.slice(2),
    rules: rules as readonly Rule<never>[],
    secrets,
  }
}

/** `production,eu` names two profiles, of which the later counts more. */
export const namesIn = (profile: string): string[] =>
  profile
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** A path below the app's folder; an absolute one is itself. */
export const below = ({ dir }: { readonly dir: string }, ...parts: string[]): string => {
  const path = join(...parts)
  return parts[0]!.startsWith('/') ? path : resolve(dir, path)
}
