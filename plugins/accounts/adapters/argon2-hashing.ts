import type { PasswordHashing } from '../ports.ts'
import { isBcrypt, verifyBcrypt } from './bcrypt.ts'

/** What is used of the optional package. */
interface Argon2 {
  hash(password: string, options: Readonly<Record<string, number>>): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

const packageName = '@node-rs/argon2'

async function load(): Promise<Argon2> {
  try {
    return await import(packageName)
  } catch (error) {
    throw new Error(`passwords need the package ${packageName} outside Bun: install it`, { cause: error })
  }
}

/** argon2id by `@node-rs/argon2`, for Deno and Node. It verifies bcrypt hashes by `@node-rs/bcrypt` or `bcryptjs`. */
export const argon2Hashing: PasswordHashing = {
  async hash(password) {
    const { hash } = await load()
    return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  },
  async verify(password, hash) {
    if (isBcrypt(hash)) return verifyBcrypt(password, hash)
    const argon2 = await load()
    return argon2.verify(hash, password)
  },
}
