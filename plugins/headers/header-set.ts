import { plainTypes } from '#core/elysia/door'
import { nonceOf } from '#core/internal/nonce'
import type { Scope } from '#core/scope'
import type { Beginning } from '#core/works'

interface Entry {
  readonly name: string
  readonly value: string
  /** Also where the handler says something else. */
  readonly enforced: boolean
}

/** Entries, and the same as an answer takes them over. */
interface Entries {
  readonly all: readonly Entry[]
  /** `undefined` where no two answers have the same. */
  readonly beginning: Beginning | undefined
}

/** The headers of one kind of answer, ready to be written. */
export interface HeaderSet {
  readonly open: Entries
  /** Over TLS. */
  readonly secure: Entries
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
  const entries = (one: ReadonlyMap<string, string>): Entries => ({
    all: [...one].map(([name, value]) => ({ name, value, enforced: enforce.has(name) })),
    beginning: hasNonce ? undefined : beginningOf(one),
  })
  return {
    open: entries(all),
    secure: entries(hsts === undefined ? all : new Map([...all, ['strict-transport-security', hsts]])),
    hasNonce,
  }
}

function beginningOf(headers: ReadonlyMap<string, string>): Beginning {
  const { text, json } = plainTypes
  const withType = (type: string | null): Headers =>
    new Headers([...(type === null ? [] : [['content-type', type] as [string, string]]), ...headers])
  return { text: withType(text), json: withType(json) }
}

const entriesOf = (scope: Scope, set: HeaderSet): Entries => (scope.secure ? set.secure : set.open)

/** What a plain answer of this request begins with. */
export const beginningFor = (scope: Scope, set: HeaderSet): Beginning | undefined => entriesOf(scope, set).beginning

/**
 * Puts a set on an answer. What its handler said itself stays, and so does what another plugin says.
 * @param answer nothing yet, in the handshake of a WebSocket
 */
export function putOn(scope: Scope, set: HeaderSet, answer?: Response): void {
  const { all, beginning } = entriesOf(scope, set)
  const begun = answer !== undefined && answer === scope.begun ? scope.beginning : undefined
  if (begun !== undefined && begun === beginning) {
    for (const { name, value, enforced } of all) if (enforced) scope.header(name, value)
    return
  }
  const nonce = set.hasNonce ? nonceOf(scope) : ''
  const said = answer?.headers
  // A beginning of other headers is not what the handler said.
  const isSaid = (name: string): boolean => said?.has(name) === true && said.get(name) !== begun?.text.get(name)
  const headers = (scope.headers ??= {})
  for (const { name, value, enforced } of all)
    if (enforced || (headers[name] === undefined && !isSaid(name)))
      headers[name] = set.hasNonce ? value.replaceAll('{nonce}', nonce) : value
}
