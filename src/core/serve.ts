import type { AnyElysia } from 'elysia'
import { boot } from './boot.ts'
import { setServer } from './elysia/door.ts'
import { stopGracefully, watchSignals } from './lifecycle.ts'

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

interface DenoServer {
  readonly addr: { readonly port: number }
  shutdown(): Promise<void>
}
interface Deno {
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
  ): DenoServer
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

async function serveOnDeno(deno: Deno, app: AnyElysia, port: number, hostname: string): Promise<Served> {
  await app.modules
  boot(app)
  const peers = new WeakMap<Request, { address: string }>()
  const cut = new AbortController()
  const server = deno.serve({ port, hostname, signal: cut.signal, onListen() {} }, (request, info) => {
    peers.set(request, { address: info.remoteAddr.hostname })
    return app.fetch(request)
  })
  setServer(app, {
    port: server.addr.port,
    requestIP: (request) => peers.get(request) ?? null,
    stop: async (now) => {
      if (now) cut.abort()
      else await server.shutdown()
    },
  })
  watchSignals(app)
  return { port: server.addr.port, stop: (drain) => stopGracefully(app, drain) }
}
