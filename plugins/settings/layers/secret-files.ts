import { statSync } from 'node:fs'
import { join } from 'node:path'
import { invalid, type SettingsFault } from '../errors.ts'
import type { Leaf } from '../leaves.ts'
import type { VariableNames } from '../names.ts'
import { below, type ResolvedSettingsOptions } from '../options.ts'
import type { Keyed, Sourced } from './layers.ts'
import { namesInFolder, readText } from './text.ts'

interface SecretFiles {
  readonly keyed: readonly Keyed[]
  readonly variables: readonly Sourced[]
  readonly faults: readonly SettingsFault[]
}

const deepest = 8

/**
 * Files of a folder of secrets, as Docker and Kubernetes mount them: `tokens.secret`, `tokens/secret`,
 * `KWIK_TOKENS__SECRET` and `kwik_tokens__secret` are one setting. Files that mean none belong to others and are not read.
 */
export function secretFiles(
  { secretsDir, prefix }: ResolvedSettingsOptions,
  names: VariableNames,
  leaves: ReadonlyMap<string, Leaf>,
): SecretFiles {
  const keyed: Keyed[] = []
  const variables: Sourced[] = []
  const faults: SettingsFault[] = []
  const visit = (folder: string, path: readonly string[]): void => {
    for (const name of namesInFolder(folder)) {
      // Kubernetes keeps the files themselves under ..data; what is seen are links.
      if (name.startsWith('.')) continue
      const file = join(folder, name)
      const inside = [...path, name]
      if (isFolder(file)) {
        if (inside.length < deepest) visit(file, inside)
        continue
      }
      const variable = path.length === 0 ? (names.meantBy(name) ?? names.meantBy(name.toUpperCase())) : undefined
      const key = inside.join('.')
      if (variable === undefined && !leaves.has(key)) {
        const wrong = path.length === 0 && name.startsWith(prefix) ? names.trouble(name) : undefined
        if (wrong !== undefined) faults.push(invalid(`${file} ${wrong}`))
        continue
      }
      const text = secretText(file, file, faults)
      if (text === undefined) continue
      if (variable === undefined) keyed.push({ key, text, from: file })
      else variables.push({ name: variable, text, from: file })
    }
  }
  if (secretsDir !== undefined) visit(secretsDir, [])
  return { keyed, variables, faults }
}

/** Variables that end in `_FILE`: the value is in the file that they name. */
export function namedFiles(
  options: ResolvedSettingsOptions,
  names: VariableNames,
  places: readonly (readonly Sourced[])[],
): Pick<SecretFiles, 'variables' | 'faults'> & { readonly watched: readonly string[] } {
  const variables: Sourced[] = []
  const faults: SettingsFault[] = []
  const watched: string[] = []
  for (const place of places) {
    for (const { name, text: path, from } of place) {
      const variable = path === '' ? undefined : names.fileFor(name)
      if (variable === undefined) continue
      const both = place.find((one) => one.text !== '' && names.meantBy(one.name) === variable)
      if (both) faults.push(invalid(`${both.from} and ${from} both set one setting: keep one of them`))
      const file = below(options, path)
      watched.push(file)
      const text = secretText(file, `${from} names ${path}, which`, faults)
      if (text !== undefined) variables.push({ name: variable, text, from: `${from} (${path})` })
    }
  }
  return { variables, faults, watched }
}

/** What a file holds, without the line feed that editors and `echo` leave at its end. */
function secretText(file: string, shown: string, faults: SettingsFault[]): string | undefined {
  const text = readText(file)
  if (typeof text === 'string') return text.replace(/\r?\n$/, '')
  faults.push(invalid(text === undefined ? `${shown} is not there` : `${shown} cannot be read: ${text.message}`))
  return undefined
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
