import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { parseYaml } from '../../plugins/settings/files/yaml.ts'
import { masterKey, masterKeyPath, sealedPath } from '../../plugins/settings/secrets/encrypted.ts'
import { MasterKeyError, newMasterKey, seal, unseal } from '../../plugins/settings/secrets/sealed-file.ts'
import { CliFailure } from '../failure.ts'
import { findProject } from '../project.ts'

/** The sealed secrets of one profile of the app. */
export interface SealedSecrets {
  /** As it is shown: `config/secrets.production.enc`. */
  readonly shown: string
  readonly path: string
  readonly profile: string
  /** Where their key is, or would be. */
  readonly around: { readonly dir: string; readonly config: string; readonly env: NodeJS.ProcessEnv }
}

/** @throws {CliFailure} with exit code 2, for a name that no file can have */
export function sealedSecrets(profile: string): SealedSecrets {
  if (!/^[\w-]+$/.test(profile)) throw new CliFailure(`"${profile}" is no name of a profile`, 2)
  const { root } = findProject()
  const around = { dir: root, config: 'config', env: process.env }
  const path = sealedPath(around, profile)
  return { shown: relative(root, path), path, profile, around }
}

/** @throws {CliFailure} when there is no key, or it is another one */
export function opened({ shown, path, profile, around }: SealedSecrets): string {
  if (!existsSync(path))
    throw new CliFailure(`${shown} is not there: make it with kwik secrets edit --profile ${profile}`)
  const key = masterKey(around)
  if (key === undefined) throw new CliFailure(`there is no key to open ${shown} with: set KWIK_MASTER_KEY`)
  return withKey(shown, () => unseal(readFileSync(path, 'utf8'), key, profile))
}

/** Seals the text, as a whole or not at all. @throws {CliFailure} when it is no YAML, with where and why */
export function close({ shown, path, profile }: SealedSecrets, text: string, key: string): void {
  const { faults } = parseYaml(text)
  if (faults.length > 0) {
    const rows = faults.map(({ place, text: why }) => `${place ? `${place.line}:${place.column} ` : ''}${why}`)
    throw new CliFailure(`${shown} was not changed, the text is no YAML:\n  ${rows.join('\n  ')}`)
  }
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(
    draft,
    withKey(shown, () => seal(text, key, profile)),
    { mode: 0o644 },
  )
  renameSync(draft, path)
}

/** The key there is, or a new one in `config/master.key`, which git does not see. */
export function keyFor({ around }: SealedSecrets): { readonly key: string; readonly made: boolean } {
  const known = masterKey(around)
  if (known !== undefined) return { key: known, made: false }
  const key = newMasterKey()
  storeKey(around, key)
  return { key, made: true }
}

/** Keeps a key beside the files, for its owner alone. */
export function storeKey(around: SealedSecrets['around'], key: string): void {
  const path = masterKeyPath(around)
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const ignore = `${folder}/.gitignore`
  const ignored = existsSync(ignore) ? readFileSync(ignore, 'utf8') : ''
  if (!ignored.split('\n').includes('master.key'))
    writeFileSync(ignore, `${ignored}${ignored === '' || ignored.endsWith('\n') ? '' : '\n'}master.key\n`)
  writeFileSync(path, `${key}\n`, { mode: 0o600 })
}

function withKey<T>(shown: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MasterKeyError) throw new CliFailure(`${shown}: ${error.message}`)
    throw error
  }
}
