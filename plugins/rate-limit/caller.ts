import { createHash } from 'node:crypto'
import { networkOf } from '#core/internal/address'
import type { Scope } from '#core/scope'
import { callOf } from './call.ts'
import type { By, Networks } from './options.ts'

/**
 * Who a request is counted for: `user:7`, `ip:10.0.0.1`, `ip:2001:db8::/64`, `own:` before what a function names. What
 * comes first has no colon, so an id that looks like another caller's (`ip:10.0.0.1`) is still another caller.
 */
export function callerOf(scope: Scope, by: By, networks: Networks): string {
  const { principal } = scope
  if (typeof by === 'function') {
    const name: unknown = by(callOf(scope))
    if (typeof name === 'string') return `own:${bounded(name)}`
    if (name !== undefined)
      throw new TypeError('rateLimit: the function `by` named a caller with something else than a text')
  } else if (by !== 'ip' && principal !== null) {
    if (by === 'apiKey' && principal.via === 'apiKey')
      return `apiKey:${bounded(principal.apiKeyId ?? principal.sessionId ?? principal.id)}`
    return `user:${bounded(principal.id)}`
  }
  return `ip:${scope.address === undefined ? 'none' : networkOf(scope.address, networks.prefix)}`
}

/** The network around a caller who is counted by an address of IPv6, to be counted together beside him. */
export function wideCallerOf(scope: Scope, caller: string, { wide }: Networks): string | undefined {
  const { address } = scope
  if (wide === undefined || address === undefined || !address.includes(':') || !caller.startsWith('ip:'))
    return undefined
  return `ip:${networkOf(address, wide)}`
}

const longest = 128

/** An id is as long as whoever chose it liked. */
const bounded = (id: string): string =>
  id.length <= longest ? id : `sha256-${createHash('sha256').update(id).digest('base64url')}`
