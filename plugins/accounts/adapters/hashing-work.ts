/** How passwords are hashed on Bun (OWASP: 19 MiB, 2 passes, 1 lane). */
const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

/** A password to hash, or to compare with a hash. */
export interface HashingWork {
  readonly password: string | Uint8Array
  readonly compared: string | undefined
  readonly how: typeof argon2id
}
export type HashingAnswer = { readonly result: string | boolean } | { readonly fault: string }

export const hashingWork = (password: string | Uint8Array, compared?: string): HashingWork => ({
  password,
  compared,
  how: argon2id,
})

/** Has Bun do the work in one of its own threads. Rejects for a hash that cannot be read. */
export const workAside = ({ password, compared, how }: HashingWork): Promise<string | boolean> =>
  compared === undefined ? Bun.password.hash(password, how) : Bun.password.verify(password, compared)

/**
 * What a thread of `HashingThreads` runs, one piece of work after the other and behind whatever else wants the processor.
 * It goes there as text, so it knows nothing of this file.
 */
export function hashInThread(): void {
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
  const answerTo = ({ password, compared, how }: HashingWork): HashingAnswer => {
    try {
      if (compared === undefined) return { result: Bun.password.hashSync(password, how) }
      return { result: Bun.password.verifySync(password, compared) }
    } catch (error) {
      return { fault: String((error as Error).message) }
    }
  }
  parentPort?.on('message', (work: HashingWork) => parentPort.postMessage(answerTo(work)))
}
