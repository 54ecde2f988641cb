import { Secret } from '#core/secret'
import type { Credentials } from './types.ts'

/** Who is made administrator while there is none: both, or neither. `settings.current.accounts.firstAdmin` is one. */
export interface FirstAdmin {
  readonly email?: string | undefined
  readonly password?: string | Secret | undefined
}

/** @throws {TypeError} where one is there without the other */
export function credentialsOf({ email, password }: FirstAdmin = {}): Credentials | undefined {
  const word = password instanceof Secret ? password.reveal() : password
  return bothOrNeither(email, word, 'firstAdmin: email and password go together: say both, or neither')
}

/** The environment, or something like it. */
type Variables = Readonly<Record<string, string | undefined>>

/**
 * The first administrator as the environment says it: `KWIK_ADMIN_EMAIL` and `KWIK_ADMIN_PASSWORD`. From `kwik/accounts`.
 *
 * @returns `undefined` where neither is set: there is no default password
 * @throws {TypeError} where one is set without the other
 * @example
 * const accounts = accountsService(database, { firstAdmin: firstAdminIn(process.env) })
 */
export function firstAdminIn(variables: Variables): Credentials | undefined {
  const { KWIK_ADMIN_EMAIL: email, KWIK_ADMIN_PASSWORD: password } = variables
  return bothOrNeither(email, password, 'KWIK_ADMIN_EMAIL and KWIK_ADMIN_PASSWORD go together: set both, or neither')
}

function bothOrNeither(
  email: string | undefined,
  password: string | undefined,
  otherwise: string,
): Credentials | undefined {
  if (!email && !password) return undefined
  if (!email || !password) throw new TypeError(otherwise)
  return { email, password }
}
