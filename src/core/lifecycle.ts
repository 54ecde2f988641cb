import type { AnyElysia } from 'elysia'
import { bootedApp } from './boot.ts'
import { stopServer } from './elysia/door.ts'

const draining = new WeakSet<AnyElysia>()
/** Whether an app is on its way out: readiness is red, open requests are finished. */
export const drainingOf = (root: AnyElysia): boolean => draining.has(root)

/** How long open requests may take to finish, in milliseconds. */
export const defaultDrain = 10_000

/**
 * Stops an app: no new connections, open requests finish within `drain`, then the plugins close what they hold. From `kwik/core`.
 *
 * @param drain milliseconds; what is still open then is cut
 * @example
 * await stopGracefully(app, 5000)
 */
export async function stopGracefully(root: AnyElysia, drain: number = defaultDrain): Promise<void> {
  draining.add(root)
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), drain)
  })
  const stopped = stopServer(root, false).then(() => 'stopped' as const)
  if ((await Promise.race([stopped, late])) === 'late') await stopServer(root, true)
  clearTimeout(timer)
  await closeWorks(root)
}

/** Closes what the plugins hold, the last set up first. */
export async function closeWorks(root: AnyElysia): Promise<void> {
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

const watched = new WeakSet<AnyElysia>()

/** SIGTERM and SIGINT stop the app gracefully and end the process with 0; a second one ends it at once. */
export function watchSignals(root: AnyElysia): void {
  if (watched.has(root) || bootedApp(root)?.core.signals === false) return
  watched.add(root)
  let asked = false
  const leave = (): void => {
    if (asked) process.exit(1)
    asked = true
    void stopGracefully(root).finally(() => process.exit(0))
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
}
