import { spawn } from 'node:child_process'
import { CliFailure } from '../failure.ts'

/**
 * Runs bun in a folder, on our own terminal, until it ends; our exit code becomes its.
 * Signals that reach us alone are handed on: Ctrl-C reaches the whole group anyway.
 */
export async function runBun(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(process.versions['bun'] ? process.execPath : 'bun', words, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  const handOn = (signal: NodeJS.Signals): boolean => child.kill(signal)
  const wait = (): void => {}
  process.on('SIGTERM', handOn)
  process.on('SIGINT', wait)
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(new CliFailure(`bun cannot be run: ${error.message}`)))
      child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
    })
  } finally {
    process.off('SIGTERM', handOn)
    process.off('SIGINT', wait)
  }
}
