import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { CliFailure } from '../failure.ts'
import { findProject } from '../project.ts'
import { backoff } from './backoff.ts'

interface Wanted {
  readonly port?: number
  readonly processes: number | 'auto'
  /** Seconds until processes that do not end are killed. */
  readonly grace: number
}

/** An app that cannot start is not started for ever. */
const mostFailedStarts = 5

/** Serves the app by one process or several, until it is told to stop. */
export async function startApp({ port, processes, grace }: Wanted): Promise<void> {
  const project = findProject()
  const file = ['dist/server/index.js', 'src/index.ts'].find((path) => existsSync(project.path(path)))
  if (file === undefined) throw new CliFailure('neither dist/server/index.js nor src/index.ts is there')
  const asked = processes === 'auto' ? availableParallelism() : processes
  // Elsewhere a port that is shared is answered by one process alone.
  const count = process.platform === 'linux' ? asked : 1
  if (count < asked) say(`processes share a port on Linux alone: one is started in the place of ${asked}`)
  const env = {
    NODE_ENV: 'production',
    ...process.env,
    ...(port !== undefined && { PORT: String(port) }),
    ...(count > 1 && { SHARED_PORT_BY_KWIK: '1' }),
    STARTED_BY_KWIK: '1',
  }
  const start = (): ChildProcess =>
    spawn(process.versions['bun'] ? process.execPath : 'bun', ['--no-env-file', file], {
      cwd: project.root,
      env,
      // A group of its own: Ctrl-C reaches us alone, and we tell them once.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  process.exitCode = await watch(start, count, grace)
}

const say = (text: string): void => void process.stderr.write(`kwik start: ${text}\n`)

/** Keeps processes running. @returns the exit code: 0 when all ended well after they were told to */
function watch(start: () => ChildProcess, count: number, grace: number): Promise<number> {
  return new Promise((done) => {
    const running = new Set<ChildProcess>()
    const waits = new Set<ReturnType<typeof setTimeout>>()
    let leaving = false
    let code = 0
    let listening = 0
    let killer: ReturnType<typeof setTimeout> | undefined

    const end = (): void => {
      if (running.size > 0) return
      clearTimeout(killer)
      for (const signal of signals) process.off(signal, leave)
      done(code)
    }
    const leave = (): void => {
      const again = leaving
      leaving = true
      for (const wait of waits) clearTimeout(wait)
      for (const child of running) child.kill(again ? 'SIGKILL' : 'SIGTERM')
      killer ??= setTimeout(() => {
        say(`${running.size} did not end in ${grace} s: killed`)
        for (const child of running) child.kill('SIGKILL')
      }, grace * 1000)
      end()
    }
    /** @param place which of the processes it is @param pauses how long to wait when it crashes */
    const run = (place: number, pauses: ReturnType<typeof backoff>): void => {
      const child = start()
      let served = false
      running.add(child)
      child.on('message', (message) => {
        if (message !== 'kwik:listening' || served) return
        served = true
        pauses.served()
        if (++listening === count) say(`${count === 1 ? 'the process is' : `${count} processes are`} listening`)
      })
      child.once('error', (error) => say(`cannot start: ${error.message}`))
      child.once('exit', (status, signal) => {
        running.delete(child)
        if (served) listening--
        if (leaving) {
          // Who was told to leave while it was starting has left nothing undone.
          if (status !== 0 && served) code = 1
          return end()
        }
        const how = signal ?? `exit code ${status}`
        const pause = pauses.failed(served)
        if (pause === undefined) {
          say(`process ${place} could not start ${mostFailedStarts} times (${how}): giving up`)
          code = 1
          return leave()
        }
        say(`process ${place} ended (${how}): started again in ${pause} ms`)
        const wait = setTimeout(() => {
          waits.delete(wait)
          run(place, pauses)
        }, pause)
        waits.add(wait)
      })
    }
    for (const signal of signals) process.on(signal, leave)
    for (let place = 1; place <= count; place++) run(place, backoff(mostFailedStarts))
  })
}

const signals = ['SIGTERM', 'SIGINT'] as const
