import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { type LoggingOptions, logging } from '../../../plugins/logging/index.ts'

export type LogLine = Record<string, unknown>

/** An app whose lines are kept, with a caller taken from the `x-user` header. */
export function logged(build: (app: AnyElysia) => AnyElysia, options: LoggingOptions = {}, database?: Database) {
  const texts: string[] = []
  const app = build(
    new Elysia()
      .use(core({ signals: false, ...(database && { database }) }))
      .use(identity())
      .use(logging({ write: (line) => void texts.push(line), format: 'json', level: 'debug', ...options })),
  )
  const lines = (): LogLine[] => texts.map((text) => JSON.parse(text) as LogLine)
  return {
    app,
    texts,
    lines,
    access: () => lines().filter((line) => line['logger'] === 'kwik.access'),
    ask: async (path: string, init: RequestInit = {}) => app.handle(new Request(`http://localhost${path}`, init)),
  }
}

function identity(): KwikPlugin<{}> {
  return definePlugin<KwikPlugin<{}>, {}>({
    name: 'identity',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }): Principal | null => {
          const [id, actor] = request.headers.get('x-user')?.split(' as ') ?? []
          if (id === undefined) return null
          return { id, via: 'bearer', user: { id }, permissions: new Set(), ...(actor && { actor: { id: actor } }) }
        },
      },
    }),
  })
}
