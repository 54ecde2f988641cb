import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Principal } from '#core/scope'

const grantsIn = (text: string): ReadonlySet<string> => new Set(text.split(/[,\s]+/).filter((one) => one !== ''))

/** `acme=posts:read posts:update; other=` */
const tenantsIn = (text: string): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    text.split(/;\s*/).map((one) => {
      const [name = '', grants = ''] = one.split('=')
      return [name, grantsIn(grants)]
    }),
  )

/** Recognises callers by headers: `x-holds: products:read, posts:*`, and who it is, in which tenants, bound to which. */
export const callers: KwikPlugin<{}> = definePlugin<KwikPlugin<{}>, {}>({
  name: 'test-callers',
  options: {},
  keys: [],
  setup: () => ({
    authenticator: {
      way: 'bearer',
      authenticate: ({ request: { headers } }): Principal | null => {
        const holds = headers.get('x-holds')
        if (holds === null) return null
        const [id, tenants, tenant] = [headers.get('x-as') ?? 'ann', headers.get('x-tenants'), headers.get('x-bound')]
        return {
          id,
          via: 'bearer',
          user: { id },
          permissions: grantsIn(holds),
          ...(tenants !== null && { tenants: tenantsIn(tenants) }),
          ...(tenant !== null && { tenant }),
        }
      },
    },
  }),
})

export const ask = (path: string, holds?: string, init: RequestInit = {}): Request =>
  new Request(`http://localhost${path}`, {
    ...init,
    headers: { ...init.headers, ...(holds !== undefined && { 'x-holds': holds }) },
  })
