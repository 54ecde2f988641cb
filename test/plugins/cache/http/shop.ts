import { type AnyElysia, Elysia } from 'elysia'
import { type CacheOptions, cache } from 'kwik/cache'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Logger } from '#core/ports/logger'
import type { Principal } from '#core/scope'
import { serve } from '#core/serve'
import { permissions } from '../../../../plugins/permissions/index.ts'

/** What a test's app has beside its routes. */
export interface Shop {
  readonly app: AnyElysia
  /** Who may call, by the token that they send. */
  readonly people: Map<string, Principal>
  /** Lines of the log. */
  readonly lines: string[]
  /** Milliseconds; it moves when it is told to. */
  time: number
  /** How often a handler ran. */
  calls: number
  ask(path: string, init?: RequestInit & { readonly as?: string }): Promise<Response>
  text(path: string, init?: RequestInit & { readonly as?: string }): Promise<string>
}

export const person = (id: string, ...held: readonly string[]): Principal => ({
  id,
  via: 'bearer',
  user: { id },
  permissions: new Set(held),
})

const identity = (people: ReadonlyMap<string, Principal>): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'identity',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request: { headers } }) => people.get(headers.get('authorization')?.slice(7) ?? '') ?? null,
      },
    }),
  })

interface Plan extends CacheOptions {
  /** Plugins that come before the cache. */
  readonly with?: readonly AnyElysia[]
  readonly coreOptions?: Parameters<typeof core>[0]
}

/** Runs with an app that keeps answers; `routes` count the calls of their handlers in the shop. */
export async function withShop(
  { with: plugins = [], coreOptions, ...options }: Plan,
  routes: (app: AnyElysia, shop: Shop) => AnyElysia,
  run: (shop: Shop) => Promise<void>,
): Promise<void> {
  const lines: string[] = []
  const write: Logger['info'] = (message, said) => void lines.push(`${message} ${JSON.stringify(said)}`)
  const logger: Logger = { debug() {}, info: write, warning: write, error: write }
  const people = new Map<string, Principal>()
  const ask: Shop['ask'] = (path, { as, ...init } = {}) => {
    const headers = new Headers(init.headers)
    if (as !== undefined) headers.set('authorization', `Bearer ${as}`)
    return Promise.resolve(shop.app.handle(new Request(`http://localhost${path}`, { ...init, headers })))
  }
  const base: AnyElysia = new Elysia().use(core({ signals: false, logger, ...coreOptions })).use(identity(people))
  const shop: Shop = {
    app: base,
    people,
    lines,
    time: 1_800_000_000_000,
    calls: 0,
    ask,
    text: async (path, init) => (await ask(path, init)).text(),
  }
  for (const plugin of [permissions({ declared: ['posts:read', 'posts:write'] }), ...plugins]) base.use(plugin)
  base.use(cache({ ttl: 100, debug: true, clock: { now: () => shop.time }, logger, ...options }))
  routes(base, shop)
  try {
    await run(shop)
  } finally {
    await stopGracefully(base, 200)
  }
}

/** Runs it with the app listening: requests go over a socket. */
export async function onSocket(shop: Shop, run: (base: string) => Promise<void>): Promise<void> {
  const served = await serve(shop.app, { port: 0, hostname: '127.0.0.1' })
  try {
    await run(`http://127.0.0.1:${served.port}`)
  } finally {
    await served.stop(200)
  }
}

/** A handler whose context has what a plugin of the test adds. */
export const given = <Context>(run: (context: Context) => unknown): never => run as never

/** What the cache did, by its header. */
export const did = (response: Response): string | null => response.headers.get('cache-status')
export const hit = 'kwik; hit'
export const stored = 'kwik; fwd=miss; stored'
export const missed = 'kwik; fwd=miss'
export const bypassed = 'kwik; fwd=bypass'

/** The message that an app refuses to start with. */
export async function refusalOf(build: (app: AnyElysia) => AnyElysia, options: CacheOptions = {}): Promise<string> {
  const { boot } = await import('#core/boot')
  const app: AnyElysia = new Elysia()
    .use(core({ signals: false }))
    .use(permissions({ declared: ['posts:read'] }))
    .use(cache({ ttl: 60, ...options }))
  try {
    boot(build(app))
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
