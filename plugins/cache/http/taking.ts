import { mergedVary } from '#core/internal/vary'
import type { Scope } from '#core/scope'
import type { Engine, Ticket } from '../engine/index.ts'
import type { Desk } from './desk.ts'
import { type Birth, bodyOf, Kept, tagOf } from './kept.ts'
import type { Outcome } from './outcome.ts'
import type { RouteRules } from './rules.ts'
import { fateOf, saidOf } from './storable.ts'

/** What an answer means whoever gets it. Everything else is of one answer alone, or is put on when it leaves. */
const usual: readonly string[] = [
  'content-disposition',
  'content-language',
  'content-type',
  'last-modified',
  'link',
  'total-count',
]

interface Taken {
  readonly outcome: Outcome
  /** What leaves for who has asked. */
  readonly response: Response
  readonly isStored: boolean
}

/** Looks at an answer that is about to leave: stores it where it may be, and says what those who wait for it get. */
export async function taken(
  desk: Desk,
  scope: Scope,
  response: Response,
  { engine, ticket }: { readonly engine: Engine; readonly ticket: Ticket },
): Promise<Taken> {
  const { rules, controls, maxBytes } = desk
  const fate = fateOf(scope, response, rules, maxBytes)
  if (fate.fate === 'again') return { outcome: 'again', response, isStored: false }
  if (fate.fate === 'leave') {
    if (fate.reason !== undefined) desk.wonder(scope, fate.reason)
    return { outcome: 'leave', response, isStored: false }
  }
  const kept = await keptFrom(scope, response, desk)
  const life = fate.fate === 'keep' ? rules.life(response.status) : undefined
  const now = engine.now()
  const birth: Birth | undefined = life && { at: now, life }
  const isStored =
    life !== undefined &&
    ticket.storable &&
    (await stored(desk, scope, () => engine.put(ticket, kept.payload, life, kept)))
  // It is whole now, whatever the handler made it of.
  scope.streams = false
  scope.answered = 'plain'
  const own = kept.known(scope, controls, birth) ?? kept.first(response, controls, birth)
  // What it began with is on it still.
  if (scope.begun === response && own.status !== 304) scope.begun = own
  return { outcome: { kept, birth }, response: own, isStored }
}

/** An answer that cannot be stored is one all the same. */
async function stored(desk: Desk, scope: Scope, put: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await put()
  } catch (error) {
    desk.failed(scope, 'An answer could not be stored', error)
    return false
  }
}

async function keptFrom(scope: Scope, response: Response, { rules, controls }: Desk): Promise<Kept> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { status } = response
  const body = bodyOf(bytes)
  const headers = headersOf(scope, response, rules)
  // A text that is wrapped once more would leave as bytes of no type.
  if (typeof body === 'string' && !headers.some(([name]) => name === 'content-type'))
    headers.push(['content-type', 'text/plain;charset=utf-8'])
  const vary = mergedVary(saidOf(scope, response, 'vary'), controls.vary)
  if (vary !== '') headers.push(['vary', vary])
  const control = saidOf(scope, response, 'cache-control')
  const etag = status === 200 ? (saidOf(scope, response, 'etag') ?? tagOf(bytes)) : undefined
  return new Kept(
    {
      status,
      headers,
      ...(etag !== undefined && { etag }),
      ...(control !== undefined && { control }),
      ...(typeof body !== 'string' && { binary: true }),
    },
    body,
  )
}

function headersOf(scope: Scope, response: Response, rules: RouteRules): [string, string][] {
  const names = [...usual, ...rules.headers, ...(response.status >= 400 ? ['retry-after'] : [])]
  return names.flatMap((name): [string, string][] => {
    const value = scope.headers?.[name] ?? response.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
}
