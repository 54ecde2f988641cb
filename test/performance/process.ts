import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { announced } from './announced.ts'

/** A server of the bench, in a process of its own. */
export interface Server {
  readonly name: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

const canPin: boolean = process.platform === 'linux' && availableParallelism() > 1 && Bun.which('taskset') !== null
/** The server has the first processor for itself, the load the second. */
export const pinned = (cpu: 0 | 1, command: readonly string[]): string[] =>
  canPin ? ['taskset', '-c', String(cpu), ...command] : [...command]

/** Starts test/performance/servers/<name>.ts. */
export async function startServer(name: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const file = join(import.meta.dir, 'servers', `${name}.ts`)
  const child = Bun.spawn(pinned(0, [process.execPath, '--no-env-file', file]), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    // Log lines go where a real one would write them, and cost what they cost.
    stdout: Bun.file('/dev/null'),
    stderr: 'pipe',
  })
  const port = await announced(child.stderr, name)
  return {
    name,
    port,
    pid: child.pid,
    stop: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

/** Seconds of processor time that a process has used; `undefined` where the system does not tell. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

/** Seconds of processor time that the whole machine has used. */
export function machineSeconds(): number | undefined {
  try {
    const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number)
    return (user! + nice! + system! + irq! + softirq!) / 100
  } catch {
    return undefined
  }
}
