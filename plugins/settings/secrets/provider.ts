import type { Clock } from '#core/ports/clock'
import type { SecretReference } from './reference.ts'

/** What a store has for a reference. */
export interface SecretValue {
  /** The secret itself: a text, or its fields. */
  readonly value: string | Readonly<Record<string, unknown>>
  readonly version?: string
  /** How long it is good, in milliseconds: it is read anew before the end of it. */
  readonly ttl?: number
}

/** Why a store has nothing for a reference. Its text shows no secret. */
export interface SecretTrouble {
  /** What it answered, as in `Vault answered 403 permission denied for kv/data/app`. */
  readonly trouble: string
  /** It did not answer, is sealed or overloaded: the reference may be right. */
  readonly unreachable?: boolean
}

export type SecretAnswers = ReadonlyMap<string, SecretValue | SecretTrouble>

/** What providers are given to work with. */
export interface SecretContext {
  /** The app's folder. */
  readonly dir: string
  /** The folder of files of values, below `dir`. */
  readonly config: string
  readonly profiles: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Aborted when the time for all secrets is over. */
  readonly signal: AbortSignal
}

/**
 * A store of secrets. References that begin with `secret://<scheme>/` are its own.
 *
 * @example
 * const provider: SecretProvider = {
 *   scheme: 'mine',
 *   resolve: async (references) => new Map(references.map(({ uri, name }) => [uri, { value: await read(name) }])),
 * }
 */
export interface SecretProvider {
  /** What references call it: `vault`. */
  readonly scheme: string
  /** Whether it asks nobody beside this machine: `--offline` uses it too. */
  readonly local?: boolean
  /** Answers for all references of one load at once, by their `uri`. What it throws is the trouble of all of them. */
  resolve(references: readonly SecretReference[], context: SecretContext): SecretAnswers | Promise<SecretAnswers>
  /** Asks whether the store answers and takes our credentials; throws why not. */
  probe?(context: SecretContext): Promise<void>
}

/** What a provider throws when the store cannot be reached: nothing is wrong with the references. */
export class SecretStoreError extends Error {
  override readonly name = 'SecretStoreError'
  readonly unreachable: boolean
  constructor(message: string, unreachable: boolean) {
    super(message)
    this.unreachable = unreachable
  }
}

/** What a store's refusal means for a reference; anything else that was thrown is a mistake of ours. */
export function asTrouble(error: unknown): SecretTrouble {
  if (!(error instanceof SecretStoreError)) throw error
  return { trouble: error.message, unreachable: error.unreachable }
}
