import { type TOptional, type TUnsafe, Type } from '@sinclair/typebox'

const masked = '***'

/** A value that no log line, JSON text, template or console shows. Only `reveal()` gives it out. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    Object.freeze(this)
  }

  /** The value itself: hand it to what needs it, and keep it nowhere. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return masked
  }

  toJSON(): string {
    return masked
  }

  [Symbol.toPrimitive](): string {
    return masked
  }

  static {
    for (const inspect of ['nodejs.util.inspect.custom', 'Deno.customInspect'])
      Object.defineProperty(Secret.prototype, Symbol.for(inspect), { value: () => masked })
  }
}

/** What a secret setting asks for. */
export interface SecretOptions {
  /** Characters it must have. */
  readonly minLength?: number
  /** A plain name of a variable, beside the one that follows from its place. */
  readonly env?: string
  readonly description?: string
  /** Profiles in which it must be set. */
  readonly requiredIn?: readonly string[]
  /** Whether a reload may change it while the app runs. @default 'restart' */
  readonly reload?: 'hot' | 'restart'
  /** What to use instead: whoever sets it is warned. */
  readonly deprecated?: string
}

/**
 * Schema of a secret setting: a text on its way in, a `Secret` in `settings.current`. From `kwik/settings`.
 *
 * @example
 * const settings = defineSettings(t.Object({ mail: t.Object({ key: secret({ env: 'MAIL_KEY' }) }) }))
 * send(settings.current.mail.key.reveal())
 */
export function secret(options: SecretOptions = {}): TUnsafe<Secret> {
  return Type.Unsafe<Secret>(Type.String({ ...options, secret: true }))
}

/** The same for a secret that may be absent. */
export function optionalSecret(options: SecretOptions = {}): TOptional<TUnsafe<Secret>> {
  return Type.Optional(secret(options))
}
