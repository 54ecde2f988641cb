import { createHash } from 'node:crypto'
import { networkOf } from '#core/internal/address'
import type { Scope } from '#core/scope'
import type { By } from './options.ts'

/**
 * Who a request is counted for: `user:7`, `ip:10.0.0.1`, `ip:2001:db8::/64`. What comes first has no colon,
 * so an id that looks like another caller's (`ip:10.0.0.1`) is still another caller.
 */
export function callerOf(scope: Scope, by: By): string {
  const { principal } = scope
  if (by === 'ip' || principal === null) return `ip:${scope.address === undefined ? 'none' : networkOf(scope.address)}`
  if (by === 'apiKey' && principal.via === 'apiKey') return `apiKey:${bounded(principal.sessionId ?? principal.id)}`
  return `user:${bounded(principal.id)}`
}

const longest = 128

/** An id is as long as whoever chose it liked. */
const bounded = (id: string): string =>
  id.length <= longest ? id : `sha256-${createHash('sha256').update(id).digest('base64url')}`
