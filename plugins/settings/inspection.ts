import { type Definition, surroundings } from './definition.ts'
import { requireModule } from './layers/config-files.ts'
import { type Loaded, load } from './load.ts'
import { resolveSettingsOptions } from './options.ts'
import { SecretResolver } from './secrets/resolver.ts'

/** Thrown where settings are declared while somebody only looks: nothing after it runs, nothing was read. */
export class Inspected extends Error {
  override readonly name = 'Inspected'
  readonly definition: Definition
  constructor(definition: Definition) {
    super('settings are being looked at')
    this.definition = definition
  }
}

/** On the global object: the command line and an app may have different copies of this module. */
const place = Symbol.for('kwik.settings.inspecting')
type Place = { [place]?: true }

export const isInspecting = (): boolean => (globalThis as Place)[place] === true

/**
 * What a module declares as settings: the module runs until there, with nothing read and nobody asked.
 * @returns `undefined` when it declares none
 */
export async function inspect(load: () => Promise<unknown>): Promise<Definition | undefined> {
  const global = globalThis as Place
  global[place] = true
  try {
    await load()
    return undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'Inspected') return (error as Inspected).definition
    throw error
  } finally {
    delete global[place]
  }
}

/** How settings that were only declared are read. */
export interface ReadOptions {
  /** Instead of what the environment says: `'production,eu'`. */
  readonly profile?: string
  /** Ask nobody beside this machine: other secrets are not read, and rules not run. */
  readonly offline?: boolean
  /** `--set` flags. */
  readonly args?: readonly string[]
}

/**
 * Reads declared settings as an app of that profile would, and refuses nothing: faults are in what it answers.
 * @throws {TypeError} for a profile that does not exist
 */
export async function readDefinition(
  definition: Definition,
  { profile, offline = false, args = [] }: ReadOptions,
): Promise<Loaded> {
  const { options } = definition
  if (profile !== undefined) resolveSettingsOptions({ profile, profiles: options.profiles })
  const asked = { ...definition, options: { ...options, args, ...(profile !== undefined && { profile }) } }
  return load(asked, { loadModule: requireModule, resolver: (profiles) => resolverOf(definition, profiles), offline })
}

/** Asks every store that was given whether it answers and lets us in. */
export function probeStores(
  definition: Definition,
  profiles: readonly string[],
): Promise<readonly { readonly scheme: string; readonly trouble?: string }[]> {
  return resolverOf(definition, profiles).probe()
}

const resolverOf = (definition: Definition, profiles: readonly string[]): SecretResolver =>
  new SecretResolver({
    providers: definition.providers,
    context: { ...surroundings(definition), profiles },
    timeout: 15_000,
  })
