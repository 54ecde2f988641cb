import type { AnyElysia } from 'elysia'
import { type Deno, serveOnDeno } from './adapters/deno-server.ts'
import { stopGracefully } from './lifecycle.ts'

export interface ServeOptions {
  /** `0` takes any that is free. @default 3000 */
  readonly port?: number
  /** @default '0.0.0.0' */
  readonly hostname?: string
}

/** An app that listens. */
export interface Served {
  readonly port: number
  /** As SIGTERM does: open requests finish, plugins close what they hold. @param drain milliseconds, 10 s by default */
  stop(drain?: number): Promise<void>
}

/**
 * Serves an app on Bun and on Deno; on Bun it is `app.listen()`. From `kwik`.
 *
 * @throws {BootError} `KWIK_BOOT` when the app cannot be right; no port is opened then
 * @example
 * const served = await serve(app, { port: 3000 })
 */
export async function serve(app: AnyElysia, options: ServeOptions = {}): Promise<Served> {
  const { port = 3000, hostname = '0.0.0.0' } = options
  const deno = (globalThis as { Deno?: Deno }).Deno
  if (deno) return serveOnDeno(deno, app, port, hostname)
  app.listen({ port, hostname })
  return { port: app.server!.port!, stop: (drain) => stopGracefully(app, drain) }
}
