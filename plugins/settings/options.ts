import process from 'node:process'
import { didYouMean } from '#core/internal/spelling'

/** Where settings are read from. */
export interface SettingsOptions {
  /** The folder of the `.env` files. @default the working directory */
  readonly dir?: string
  /** What the names of variables begin with. @default 'KWIK_' */
  readonly prefix?: string
  /** Instead of `KWIK_PROFILE` and `NODE_ENV`. */
  readonly profile?: string
  /** The profiles that exist. @default ['development', 'test', 'production'] */
  readonly profiles?: readonly string[]
  /** Instead of the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Variables with the prefix that belong to somebody else. @default [] */
  readonly ignore?: readonly string[]
}

export interface ResolvedSettingsOptions {
  readonly dir: string
  readonly prefix: string
  readonly profile: string | undefined
  readonly profiles: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ignore: readonly string[]
}

/** @throws {TypeError} for a profile that does not exist, with the closest one */
export function resolveSettingsOptions(options: SettingsOptions): ResolvedSettingsOptions {
  const { dir = process.cwd(), prefix = 'KWIK_', profile, env = process.env, ignore = [] } = options
  const profiles = options.profiles ?? ['development', 'test', 'production']
  if (profile !== undefined && !profiles.includes(profile))
    throw new TypeError(
      `settings: profile must be one of ${profiles.join(', ')}, not "${profile}"${didYouMean(profile, profiles)}`,
    )
  return { dir, prefix, profile, profiles, env, ignore }
}
