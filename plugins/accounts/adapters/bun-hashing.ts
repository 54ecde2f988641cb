import type { PasswordHashing } from '../ports.ts'
import { isBcrypt, seenByBcrypt } from './bcrypt.ts'
import { HashingThreads } from './hashing-threads.ts'

const threads = new HashingThreads()

/**
 * argon2id by Bun itself, in threads of a low priority: requests do not wait for hashes. It also verifies bcrypt hashes,
 * which are then replaced.
 */
export const bunHashing: PasswordHashing = {
  hash: async (password) => String(await threads.do({ password })),
  verify: async (password, hash) =>
    (await threads.do({ password: isBcrypt(hash) ? seenByBcrypt(password) : password, hash })) === true,
}
