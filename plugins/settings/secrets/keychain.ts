import { type SecretProvider, SecretStoreError, type SecretTrouble, type SecretValue } from './provider.ts'

/** What keeps secrets of a person on their machine. */
export interface Keychain {
  get(entry: { readonly service: string; readonly name: string }): Promise<string | null>
}

/** Options of the keychain. */
export interface KeychainOptions {
  /** What references call it. @default 'keychain' */
  readonly scheme?: string
  /** Under which name the app's secrets are kept. */
  readonly service: string
  /** @default Bun.secrets: the keychain of macOS, libsecret on Linux, the credential manager of Windows */
  readonly client?: Keychain
}

/**
 * `secret://keychain/mail-key`: the keychain of the person who develops, so that no secret lies in a file. On Bun. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [keychain({ service: 'shop' })] })
 */
export function keychain({ scheme = 'keychain', service, client }: KeychainOptions): SecretProvider {
  return {
    scheme,
    local: true,
    async resolve(references) {
      const store = client ?? (globalThis as { Bun?: { secrets?: Keychain } }).Bun?.secrets
      if (!store) throw new SecretStoreError('the keychain is read on Bun alone', false)
      const read = async (name: string): Promise<SecretValue | SecretTrouble> => {
        try {
          const value = await store.get({ service, name })
          return value === null ? { trouble: `the keychain has no ${name} of ${service}` } : { value }
        } catch {
          return { trouble: 'this machine has no keychain that answers', unreachable: true }
        }
      }
      return new Map(await Promise.all(references.map(async ({ uri, name }) => [uri, await read(name)] as const)))
    },
  }
}
