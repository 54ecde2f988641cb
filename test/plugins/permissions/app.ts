import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Principal } from '#core/scope'

/** Recognises callers by a header that lists what they hold: `x-holds: products:read, posts:*`. */
export const callers: KwikPlugin<{}> = definePlugin<KwikPlugin<{}>, {}>({
  name: 'test-callers',
  options: {},
  keys: [],
  setup: () => ({
    authenticator: {
      way: 'bearer',
      authenticate: ({ request }): Principal | null => {
        const holds = request.headers.get('x-holds')
        if (holds === null) return null
        return { id: 'ann', via: 'bearer', user: { id: 'ann' }, permissions: new Set(holds.split(/,\s*/)) }
      },
    },
  }),
})

export const ask = (path: string, holds?: string, init: RequestInit = {}): Request =>
  new Request(`http://localhost${path}`, {
    ...init,
    headers: { ...init.headers, ...(holds !== undefined && { 'x-holds': holds }) },
  })
