import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { didYouMean } from '#core/internal/spelling'
import type { Definition } from '../../plugins/settings/definition.ts'
import { inspect, readDefinition } from '../../plugins/settings/inspection.ts'
import type { Leaf } from '../../plugins/settings/leaves.ts'
import type { Loaded } from '../../plugins/settings/load.ts'
import { CliFailure, misused } from '../failure.ts'
import { findProject } from '../project.ts'

/** What every command about settings may be told. */
export interface ReadFlags {
  readonly profile?: string
  readonly offline: boolean
  readonly set?: readonly string[]
}

/**
 * The settings that the app declares in `src/settings.ts`. The module runs until there; nothing is read and nobody asked.
 *
 * @throws {CliFailure} when it declares none
 */
export async function declaredSettings(): Promise<Definition> {
  const project = findProject()
  const file = project.path('src/settings.ts')
  if (!existsSync(file))
    throw new CliFailure('src/settings.ts is not there: it must declare the settings with defineSettings')
  process.chdir(project.root)
  const definition = await inspect(() => import(pathToFileURL(file).href))
  if (definition === undefined)
    throw new CliFailure('src/settings.ts declares no settings: it must call defineSettings')
  return definition
}

/** Reads the settings of one profile, as the app would. @throws {CliFailure} with exit code 2, for a profile that does not exist */
export async function readFor(definition: Definition, { profile, offline, set = [] }: ReadFlags): Promise<Loaded> {
  const args = set.flatMap((one) => ['--set', one])
  try {
    return await readDefinition(definition, { offline, args, ...(profile !== undefined && { profile }) })
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('settings: profile'))
      throw misused(error.message.replace('settings: ', ''))
    throw error
  }
}

/** @throws {CliFailure} with exit code 2, for a key that is no setting, with the closest one */
export function settingOf({ leaves }: Definition, key: string): Leaf {
  const leaf = leaves.get(key)
  if (leaf) return leaf
  const group = [...leaves.keys()].filter((one) => one.startsWith(`${key}.`))
  const those = group.length > 0 ? `; it has ${group.join(', ')}` : didYouMean(key, leaves.keys())
  throw misused(`${key} is not a setting${those}`)
}

/** 0 all is well, 1 something is wrong, 3 nothing is wrong but a store of secrets did not answer. */
export function exitCodeOf(faults: Loaded['faults']): 0 | 1 | 3 {
  if (faults.length === 0) return 0
  return faults.every(({ kind }) => kind === 'unreachable') ? 3 : 1
}

export const print = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))
