import { resolve } from 'node:path'
import { readText } from '../layers/text.ts'
import type { SecretProvider, SecretTrouble, SecretValue } from './provider.ts'

/** `secret://env/NAME`: a variable of the process. Always there. */
export function environmentSecrets(): SecretProvider {
  return {
    scheme: 'env',
    local: true,
    resolve: (references, { env }) =>
      new Map(
        references.map(({ uri, name }): [string, SecretValue | SecretTrouble] => {
          const value = env[name]
          return [uri, value ? { value } : { trouble: `the variable ${name} is not set` }]
        }),
      ),
  }
}

/** `secret://file/keys/mail` in the app's folder, `secret://file//etc/keys/mail` anywhere. Always there. */
export function fileSecrets(): SecretProvider {
  return {
    scheme: 'file',
    local: true,
    resolve: (references, { dir }) => new Map(references.map(({ uri, name }) => [uri, read(resolve(dir, name), name)])),
  }
}

function read(path: string, shown: string): SecretValue | SecretTrouble {
  const text = readText(path)
  if (typeof text === 'string') return { value: text.replace(/\r?\n$/, '') }
  return { trouble: `the file ${shown} ${text === undefined ? 'is not there' : `cannot be read: ${text.message}`}` }
}
