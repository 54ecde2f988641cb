import { createHash } from 'node:crypto'
import type { Principal, Scope } from '#core/scope'
import { part } from './parts.ts'
import type { Audience, RouteRules } from './rules.ts'

/** Sets of permissions are made once for an account, or for a token. */
const hashes = new WeakMap<ReadonlySet<string>, string>()

function hashOf(permissions: ReadonlySet<string>): string {
  let hash = hashes.get(permissions)
  if (hash === undefined) {
    hash = createHash('sha256')
      .update(JSON.stringify([...permissions].sort()))
      .digest('base64url')
      .slice(0, 22)
    hashes.set(permissions, hash)
  }
  return hash
}

/** What of a caller an answer depends on. What a user may do is part of what they are: it may be taken from them. */
export function callerPart(principal: Principal | null, audience: Audience): string {
  if (audience === 'everybody') return ''
  if (principal === null) return '-'
  const { id, actor, permissions, everywhere } = principal
  const may = hashOf(permissions) + (everywhere === undefined ? '' : hashOf(everywhere))
  return audience === 'permissions' ? `p${may}` : `u${may}${part(id)}${actor === undefined ? '' : part(actor.id)}`
}

/**
 * Whether a request goes past the cache, because its answer may be about who sent it: what a handler reads of credentials
 * is not known.
 */
export function isPersonal(
  { principal, request: { headers } }: Scope,
  { audience, shared, guarded }: RouteRules,
): boolean {
  if (shared) return false
  const isKnown = principal !== null
  if (audience === 'everybody') return isKnown || carries(headers)
  // Nobody was recognised by it: it is for the handler to look at.
  return !guarded && !isKnown && carries(headers)
}

const carries = (headers: Headers): boolean =>
  headers.has('authorization') || headers.has('cookie') || headers.has('x-api-key')
