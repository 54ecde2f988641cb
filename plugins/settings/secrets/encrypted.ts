import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { plainOf } from '../files/located.ts'
import { parseYaml } from '../files/yaml.ts'
import { fieldOf } from './field.ts'
import {
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './provider.ts'
import { MasterKeyError, unseal } from './sealed-file.ts'

type Surroundings = Pick<SecretContext, 'dir' | 'config' | 'env'>

/** Where the sealed secrets of a profile are: `config/secrets.production.enc`. */
export const sealedPath = ({ dir, config }: Surroundings, profile: string): string =>
  resolve(dir, config, `secrets.${profile}.enc`)

/** The key beside the sealed files, of those who do not keep it in the environment. Git must not see it. */
export const masterKeyPath = ({ dir, config }: Surroundings): string => resolve(dir, config, 'master.key')

/** `KWIK_MASTER_KEY`, the file that `KWIK_MASTER_KEY_FILE` names, or `config/master.key`. */
export function masterKey(around: Surroundings): string | undefined {
  const { env, dir } = around
  if (env['KWIK_MASTER_KEY']) return env['KWIK_MASTER_KEY']
  const file = env['KWIK_MASTER_KEY_FILE']
  return readIfThere(file ? resolve(dir, file) : masterKeyPath(around))?.trim()
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * `secret://encrypted/mail.key`: a value of `config/secrets.<profile>.enc`, which `kwik secrets edit` writes. Always there; it
 * needs a master key and no service. Of several profiles the last that has the value counts.
 */
export function encryptedFile(): SecretProvider {
  return {
    scheme: 'encrypted',
    local: true,
    resolve: (references, context) => {
      const files = sealedFiles(context)
      return new Map(references.map(({ uri, name }) => [uri, find(files, name, context)]))
    },
  }
}

interface SealedFile {
  readonly shown: string
  readonly values: Record<string, unknown>
}

function sealedFiles(context: SecretContext): SealedFile[] {
  return [...context.profiles].reverse().flatMap((profile) => {
    const shown = join(context.config, `secrets.${profile}.enc`)
    const text = readIfThere(sealedPath(context, profile))
    if (text === undefined) return []
    const key = masterKey(context)
    if (key === undefined)
      throw new SecretStoreError(`${shown} is sealed, and there is no KWIK_MASTER_KEY to open it with`, false)
    try {
      const { tree, faults } = parseYaml(unseal(text, key, profile))
      const [fault] = faults
      // `kwik secrets edit` keeps such a file from being sealed: a value that is none must be no secret.
      if (fault) throw new SecretStoreError(`${shown}:${fault.place?.line}:${fault.place?.column} ${fault.text}`, false)
      return [{ shown, values: plainOf(tree) as Record<string, unknown> }]
    } catch (error) {
      if (error instanceof MasterKeyError) throw new SecretStoreError(`${shown}: ${error.message}`, false)
      throw error
    }
  })
}

function find(
  files: readonly SealedFile[],
  name: string,
  { config, profiles }: SecretContext,
): SecretValue | SecretTrouble {
  for (const { values } of files) {
    const found = fieldOf(values, name)
    if ('text' in found) return { value: found.text }
  }
  if (files.length > 0) return { trouble: `${files.map(({ shown }) => shown).join(' and ')} has no ${name}` }
  return { trouble: `${join(config, `secrets.${profiles.at(-1)}.enc`)} is not there: make it with kwik secrets edit` }
}
