import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const entry = fileURLToPath(new URL('../../cli/index.ts', import.meta.url))

interface Surroundings {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Milliseconds after which it is killed: a hang is a failure, not a wait. */
  readonly patience?: number
}

/** The environment of somebody at work, without what tests add to it. */
export function surroundings(): NodeJS.ProcessEnv {
  const { CI: _, NO_COLOR: __, NODE_ENV: ___, ...clean } = process.env
  return clean
}

/** Runs a program to its end, without a terminal; stdin is closed unless there is something to say. */
export function execute(program: string, words: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const { cwd, env = {}, stdin, patience = 20_000 } = around
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      ...(cwd !== undefined && { cwd }),
      env: { ...surroundings(), ...env },
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: patience,
    })
    let out = ''
    let err = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
    if (stdin !== undefined) child.stdin?.end(stdin)
  })
}

/** Runs a command of kwik. */
export const kwik = (words: readonly string[], around?: Surroundings): Promise<Outcome> =>
  execute('bun', [entry, ...words], around)

/** Starts a command of kwik that goes on until it is ended. */
export const startKwik = (words: readonly string[], cwd: string): ChildProcess =>
  spawn('bun', [entry, ...words], { cwd, env: surroundings(), stdio: 'ignore' })
