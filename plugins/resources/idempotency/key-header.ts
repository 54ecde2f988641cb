import { createHash } from 'node:crypto'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { refuse } from '../errors.ts'

/** 1 to 255 printable characters of ASCII. */
const plain = /^[\x20-\x7e]{1,255}$/
/** As the draft writes it: a string of a structured field (RFC 9651, 3.3.3). */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/

/** The key of a request, quoted or not; `undefined` without one. */
export function keyIn(headers: Headers): string | ProblemError | undefined {
  const sent = headers.get('idempotency-key')
  if (sent === null) return undefined
  const key = sent.startsWith('"') ? quoted.exec(sent)?.[1]?.replaceAll(/\\(.)/g, '$1') : sent
  if (key !== undefined && plain.test(key)) return key
  return refuse('KWIK_IDEMPOTENCY_KEY', {
    detail: 'Idempotency-Key takes 1 to 255 printable characters of ASCII, such as a UUID.',
    errors: [{ code: 'wrong-format', parameter: 'Idempotency-Key', detail: 'must be 1 to 255 printable characters' }],
  })
}

/**
 * Whose key that is: no two callers, routes or tenants share one. Anonymous callers are told apart by their address.
 * The host is left out: a proxy may give each process another.
 */
export function idOf(key: string, scope: Scope, tenant: string): string {
  const { principal, route } = scope
  const caller = principal ? ['user', principal.id, principal.actor?.id ?? null] : ['address', scope.address ?? null]
  const parts = [tenant, route, ...caller, key]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
