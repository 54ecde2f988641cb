import { nonceOf } from '#core/internal/nonce'
import type { Scope } from '#core/scope'

interface Entry {
  readonly name: string
  readonly value: string
  /** Also where the handler says something else. */
  readonly enforced: boolean
}

/** The headers of one kind of answer, ready to be written. */
export interface HeaderSet {
  readonly open: readonly Entry[]
  /** Over TLS. */
  readonly secure: readonly Entry[]
  readonly hasNonce: boolean
}

export interface SetOptions {
  readonly hsts: string | undefined
  readonly enforce: ReadonlySet<string>
  readonly noStore: boolean
}

export function headerSet(headers: ReadonlyMap<string, string>, { hsts, enforce, noStore }: SetOptions): HeaderSet {
  const hasNonce = [...headers.values()].some((value) => value.includes('{nonce}'))
  const all = new Map(headers)
  // A nonce that is used twice is none.
  if ((noStore || hasNonce) && !all.has('cache-control')) all.set('cache-control', 'no-store')
  const entries = (one: ReadonlyMap<string, string>): readonly Entry[] =>
    [...one].map(([name, value]) => ({ name, value, enforced: enforce.has(name) }))
  return {
    open: entries(all),
    secure: entries(hsts === undefined ? all : new Map([...all, ['strict-transport-security', hsts]])),
    hasNonce,
  }
}

/**
 * Puts a set on an answer. What its handler said itself stays, and so does what another plugin says.
 * @param said what the handler said; nothing yet, in the handshake of a WebSocket
 */
export function putOn(scope: Scope, set: HeaderSet, said?: Headers): void {
  const nonce = set.hasNonce ? nonceOf(scope) : ''
  const all = (scope.headers ??= {})
  for (const { name, value, enforced } of scope.secure ? set.secure : set.open)
    if (enforced || (all[name] === undefined && !said?.has(name)))
      all[name] = set.hasNonce ? value.replaceAll('{nonce}', nonce) : value
}
