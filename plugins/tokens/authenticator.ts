import { LRUCache } from 'lru-cache'
import type { Authenticator } from '#core/ports/authenticator'
import type { Clock } from '#core/ports/clock'
import type { Account, Principals } from '#core/ports/principals'
import type { ProblemError } from '#core/problem'
import type { Principal } from '#core/scope'
import type { AccessClaims, TokenService } from './access-token.ts'
import { bearerToken } from './bearer.ts'
import { expired, invalid } from './errors.ts'

interface BearerParts {
  readonly service: TokenService
  readonly principals: Principals
  readonly clock: Clock
  /** How many verified tokens are remembered. */
  readonly remember: number
}

/** A verified token, and whom it made of which account: the same account makes the same principal. */
interface Verified {
  readonly claims: AccessClaims
  account: Account | undefined
  principal: Principal | undefined
}
type Answer = Principal | ProblemError

/**
 * Recognises callers by their access token. A signature is checked once; expiry and the account on every request.
 * A token seen before, of somebody the accounts know at once, is answered without waiting.
 */
export function bearerAuthenticator({ service, principals, clock, remember }: BearerParts): Authenticator {
  const verified = new LRUCache<string, Verified>({ max: remember })

  const first = async (token: string): Promise<Answer> => {
    const claims = await service.verify(token)
    if (claims === 'expired') return expired()
    if (claims === 'invalid') return invalid()
    const entry: Verified = { claims, account: undefined, principal: undefined }
    verified.set(token, entry)
    return judge(entry, principals.peek?.(claims.sub) ?? (await principals.load(claims.sub)))
  }

  return {
    way: 'bearer',
    authenticate({ request }) {
      const header = request.headers.get('authorization')
      if (header === null) return null
      // A token that was verified needs no look at its form.
      let token: ReturnType<typeof bearerToken> = header.slice(7)
      let entry = header.startsWith('Bearer ') ? verified.get(token) : undefined
      if (entry === undefined) {
        token = bearerToken(header)
        if (typeof token !== 'string') return token
        entry = verified.get(token)
        if (entry === undefined) return first(token)
      }
      const { sub, exp } = entry.claims
      if (exp <= clock.now() / 1000) {
        verified.delete(token)
        return expired()
      }
      const account = principals.peek?.(sub)
      if (account === undefined) return principals.load(sub).then((loaded) => judge(entry, loaded))
      return judge(entry, account)
    },
  }
}

function judge(entry: Verified, account: Account | undefined): Answer {
  // An app's own principals may say `null` for nobody.
  if (account?.tokenVersion !== entry.claims.sv) return invalid()
  if (entry.account !== account) {
    entry.account = account
    const { user, permissions, tenants } = account
    const { tid: tenant } = entry.claims
    const bound = { ...(tenants && { tenants }), ...(tenant !== undefined && { tenant }) }
    entry.principal = { id: user.id, via: 'bearer', user, permissions, ...bound }
  }
  return entry.principal!
}
