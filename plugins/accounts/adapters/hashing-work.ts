/** How passwords are hashed on Bun (OWASP: 19 MiB, 2 passes, 1 lane). */
export const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

/** A password to hash, or to compare with a hash. */
export interface HashingWork {
  readonly password: string | Uint8Array
  readonly hash?: string
}
export type HashingAnswer = { readonly result: string | boolean } | { readonly fault: string }

/** Has Bun do the work in one of its own threads. Rejects for a hash that cannot be read. */
export const workAside = ({ password, hash }: HashingWork): Promise<string | boolean> =>
  hash === undefined ? Bun.password.hash(password, argon2id) : Bun.password.verify(password, hash)

/**
 * What a thread of `HashingThreads` runs, one piece of work after the other and behind whatever else wants the processor.
 * It goes there as text, so it knows nothing of this file.
 */
export function hashInThread(how: typeof argon2id): void {
  const [{ readlinkSync }, { setPriority }, { parentPort }] = [
    process.getBuiltinModule('node:fs'),
    process.getBuiltinModule('node:os'),
    process.getBuiltinModule('node:worker_threads'),
  ]
  try {
    // Leaves ten times its own share to a thread that answers requests. Only Linux names a thread so that it alone can be set.
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), 10)
  } catch {
    // It works as the others do.
  }
  const answerTo = ({ password, hash }: HashingWork): HashingAnswer => {
    try {
      if (hash === undefined) return { result: Bun.password.hashSync(password, how) }
      return { result: Bun.password.verifySync(password, hash) }
    } catch (error) {
      return { fault: String((error as Error).message) }
    }
  }
  parentPort?.on('message', (work: HashingWork) => parentPort.postMessage(answerTo(work)))
}
