import process from 'node:process'
import type { LineLogger } from './logger.ts'

/**
 * Writes why the process goes down, with the stack, before it does. Whether it does is left to the runtime: Bun goes on
 * after a rejection that nobody took, and ends with 1 later.
 *
 * @returns how to stop it
 */
export function watchCrashes(logger: LineLogger): () => void {
  const tell = (error: unknown, message: string): void => {
    logger.write('fatal', 'kwik', message, { error: error instanceof Error ? error : { thrown: error } })
    // Standard output and files are written at once.
    void logger.flush()
  }
  const onException = (error: unknown, origin?: string): void =>
    tell(error, origin === 'unhandledRejection' ? rejected : 'an error that nobody caught ends the process')
  const onRejection = (reason: unknown): void => {
    tell(reason, rejected)
    process.exitCode = 1
  }
  const hears = process.versions['bun'] !== undefined
  process.on('uncaughtExceptionMonitor', onException)
  if (hears) process.on('unhandledRejection', onRejection)
  return () => {
    process.off('uncaughtExceptionMonitor', onException)
    if (hears) process.off('unhandledRejection', onRejection)
  }
}

const rejected = 'a promise was rejected that nobody waited for'
