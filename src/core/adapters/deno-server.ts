import type { AnyElysia } from 'elysia'
import { boot } from '../boot.ts'
import { setServer } from '../elysia/door.ts'
import { stopGracefully, watchSignals } from '../lifecycle.ts'
import type { Served } from '../serve.ts'

interface DenoServer {
  readonly addr: { readonly port: number }
  shutdown(): Promise<void>
}
/** What Kwik uses of Deno. */
export interface Deno {
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
  ): DenoServer
}

/** Serves an app by Deno's own server, which has no Elysia adapter with a client's address. */
export async function serveOnDeno(deno: Deno, app: AnyElysia, port: number, hostname: string): Promise<Served> {
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
