import type { TObject } from '@sinclair/typebox'
import { systemClock } from '#core/adapters/clock'
import { type Group, isGroup, type Leaf, leavesOf, nodeOf } from './leaves.ts'
import { type VariableNames, variableNames } from './names.ts'
import { type ResolvedSettingsOptions, resolveSettingsOptions, type SettingsOptions } from './options.ts'
import { encryptedFile } from './secrets/encrypted.ts'
import { environmentSecrets, fileSecrets } from './secrets/local.ts'
import type { SecretContext, SecretProvider } from './secrets/provider.ts'

/** Settings as they were declared, before anything is read. */
export interface Definition {
  readonly schema: TObject
  readonly options: ResolvedSettingsOptions
  readonly root: Group
  readonly leaves: ReadonlyMap<string, Leaf>
  readonly names: VariableNames
  /** Those that were given, and those that need no service. */
  readonly providers: readonly SecretProvider[]
}

/** Words that `settings.on()` takes beside keys. */
const events: readonly string[] = ['applied', 'rejected']

/** @throws {TypeError} for a schema of which no text can be a value, and for names that two settings claim */
export function define<Values>(schema: TObject, given: SettingsOptions<Values>): Definition {
  const options = resolveSettingsOptions(given)
  const root = nodeOf(schema, options.prefix)
  if (!isGroup(root)) throw new TypeError('settings: the schema must be an object')
  const leaves = new Map(leavesOf(root).map((leaf) => [leaf.key, leaf]))
  const event = events.find((name) => leaves.has(name))
  if (event !== undefined) throw new TypeError(`settings: ${event} is the name of an event: call the setting otherwise`)
  const own = options.secrets.map(({ scheme }) => scheme)
  const always = [environmentSecrets(), fileSecrets(), encryptedFile()].filter(({ scheme }) => !own.includes(scheme))
  return {
    schema,
    options,
    root,
    leaves,
    names: variableNames(root, leaves.values(), options.prefix, options.ignore),
    providers: [...always, ...options.secrets],
  }
}

/** What providers are told of the app, whatever its profiles are. */
export const surroundings = ({
  options: { dir, config, env },
}: Definition): Omit<SecretContext, 'signal' | 'profiles'> => ({ dir, config, env, clock: systemClock })
