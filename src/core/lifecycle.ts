import type { AnyElysia } from 'elysia'
import { bootedApp } from './boot.ts'
import { stopServer } from './elysia/door.ts'

/** Apps that are on their way out, or gone. */
const stops = new WeakMap<AnyElysia, Promise<void>>()
/** Whether an app is on its way out: readiness is red, open requests are finished. */
export const drainingOf = (root: AnyElysia): boolean => stops.has(root)

/** How long open requests may take to finish, in milliseconds. */
export const defaultDrain = 10_000

/**
 * Stops an app: no new connections, open requests finish within `drain`, then the plugins close what they hold. From `kwik/core`.
 *
 * @param drain milliseconds, 10 s or what the app says as `drain`; what is still open then is cut
 * @example
 * await stopGracefully(app, 5000)
 */
export function stopGracefully(
  root: AnyElysia,
  drain: number = bootedApp(root)?.core.drain ?? defaultDrain,
): Promise<void> {
  const known = stops.get(root)
  if (known) return known
  const stop = drainAndClose(root, drain)
  stops.set(root, stop)
  return stop
}

async function drainAndClose(root: AnyElysia, drain: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), drain)
  })
  sayGoodbye(root)
  const stopped = stopServer(root, false).then(() => 'stopped' as const)
  if ((await Promise.race([stopped, late])) === 'late') await stopServer(root, true)
  clearTimeout(timer)
  await closeWorks(root)
  forgetSignals(root)
}

/** No new work is begun, and event streams, which would never end by themselves, are told to leave. */
function sayGoodbye(root: AnyElysia): void {
  const app = bootedApp(root)
  if (!app) return
  for (const work of app.works.values()) {
    try {
      work.drain?.()
    } catch (error) {
      app.logger.error('a plugin did not begin to stop well', { error })
    }
  }
  for (const scope of app.events) scope.abort(new DOMException('the server is shutting down', 'AbortError'))
}

/** Closes what the plugins hold, the last set up first. */
async function closeWorks(root: AnyElysia): Promise<void> {
  const app = bootedApp(root)
  if (!app) return
  for (const work of [...app.works.values()].reverse()) {
    try {
      await work.stop?.()
    } catch (error) {
      app.logger.error('a plugin did not stop well', { error })
    }
  }
}

/** The apps of this process that listen to its signals: a signal is told to the process, and ends all of them. */
const serving = new Set<AnyElysia>()
const leaving = { asked: false, told: false }

/**
 * SIGTERM and SIGINT stop all apps gracefully and end the process with 0; a second one ends it at once. An app that
 * listens again is no longer on its way out.
 */
export function watchSignals(root: AnyElysia): void {
  stops.delete(root)
  for (const work of bootedApp(root)?.works.values() ?? []) work.listening?.()
  if (serving.has(root) || bootedApp(root)?.core.signals === false) return
  if (serving.size === 0) for (const signal of signals) process.on(signal, leave)
  serving.add(root)
  tellStarter()
}

/** `kwik start` waits for this; when it is gone, its processes leave too. */
function tellStarter(): void {
  if (process.env['STARTED_BY_KWIK'] !== '1' || process.send === undefined || leaving.told) return
  leaving.told = true
  process.send('kwik:listening')
  process.on('disconnect', () => void (leaving.asked || leave()))
}

/** An app that has stopped no longer holds the process's signals. */
export function forgetSignals(root: AnyElysia): void {
  if (serving.delete(root) && serving.size === 0 && !leaving.asked)
    for (const signal of signals) process.off(signal, leave)
}

const signals = ['SIGTERM', 'SIGINT'] as const

function leave(): void {
  if (leaving.asked) process.exit(1)
  leaving.asked = true
  void Promise.allSettled([...serving].map((root) => stopGracefully(root))).then(() => process.exit(0))
}
