import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
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
  try {
    return { value: readFileSync(path, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    const gone = (error as { code?: unknown }).code === 'ENOENT'
    return { trouble: gone ? `the file ${shown} is not there` : `the file ${shown} cannot be read` }
  }
}
