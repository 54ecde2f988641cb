import type { PasswordHashing } from '../ports.ts'
import { isBcrypt, seenByBcrypt } from './bcrypt.ts'

/** argon2id by Bun itself, off the main thread. It also verifies bcrypt hashes, which are then replaced. */
export const bunHashing: PasswordHashing = {
  hash: (password) => Bun.password.hash(password, { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 }),
  verify: (password, hash) => Bun.password.verify(isBcrypt(hash) ? seenByBcrypt(password) : password, hash),
}
