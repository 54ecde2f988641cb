import { scopeOf } from '#core/scope'
import type { KeyRing } from '../keys/ring.ts'
import type { TokenRoute } from './route.ts'
import { jwksAnswer } from './schemas.ts'

/**
 * The public keys, where there are any (RFC 7517). A new key is to be published for longer than this before it signs.
 * @param guarded whether the app knows the option `public`
 */
export function jwksRoutes({ jwks }: KeyRing, guarded: boolean): readonly TokenRoute[] {
  if (jwks === undefined) return []
  return [
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      options: {
        ...(guarded && { public: true }),
        response: { 200: jwksAnswer },
        detail: { tags: ['auth'], summary: 'The public keys that access tokens are verified with' },
      },
      handler: async ({ request }: { request: Request }) => {
        scopeOf(request).header('cache-control', 'public, max-age=300')
        return await jwks()
      },
    },
  ]
}
