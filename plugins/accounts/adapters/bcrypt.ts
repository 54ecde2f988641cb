/** What is used of either optional package. */
interface Bcrypt {
  compare(password: string, hash: string): Promise<boolean>
}

/** The first works beside the main thread; the second is plain JavaScript. */
const packageNames = ['@node-rs/bcrypt', 'bcryptjs'] as const

async function load(): Promise<Bcrypt> {
  for (const name of packageNames) {
    const module = (await import(name).catch(() => undefined)) as { default?: Partial<Bcrypt> } & Partial<Bcrypt>
    const compare = module?.compare ?? module?.default?.compare
    if (compare !== undefined) return { compare }
  }
  throw new Error(`bcrypt hashes need the package ${packageNames.join(' or ')} outside Bun: install one`)
}

const form = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/

/** Whether a hash is one of bcrypt, as the Python Kwik made them. */
export const isBcrypt = (hash: string): boolean => /^\$2[aby]\$/.test(hash)

/** More bytes than bcrypt looks at. */
const mostBytes = 72

/**
 * What bcrypt sees of a password: its first 72 bytes. Libraries treat the rest differently (Bun hashes it first), and the
 * Python Kwik left it out.
 */
export const seenByBcrypt = (password: string): Uint8Array => new TextEncoder().encode(password).subarray(0, mostBytes)

/** Verifies hashes of bcrypt where Bun does not, by an optional package. @throws {Error} for a hash that cannot be read */
export async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  if (!form.test(hash)) throw new Error('no hash of bcrypt')
  const { compare } = await load()
  // `$2a$` and `$2y$` are other names of what all make alike now.
  return compare(password, hash.replace(/^\$2[ay]\$/, '$2b$'))
}
