import { mergedVary } from '#core/internal/vary'
import { weightOf } from '#core/internal/weight'
import type { Scope } from '#core/scope'
import { bestOf } from './language.ts'
import type { RouteRules } from './rules.ts'

/** What may be done with an answer: keep it, tell it to those who wait for it, or neither. */
export type Fate =
  | { readonly fate: 'keep' | 'share' }
  /** @param reason for the log, where whoever wrote the route will wonder */
  | { readonly fate: 'leave'; readonly reason?: string }
  /** It broke off: somebody else makes it. */
  | { readonly fate: 'again' }

/** Answers that are about the one request that was made, not about what it asked for. */
const ofOne: ReadonlySet<number> = new Set([401, 403, 407, 412, 413, 414, 416, 417, 421, 429, 431])
/** What the key takes in by itself, or what others add when it leaves. */
const covered: ReadonlySet<string> = new Set(['accept-encoding', 'origin'])
const ofCaller: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key'])

/** Judges an answer before its body is read. */
export function fateOf(scope: Scope, response: Response, rules: RouteRules, maxBytes: number): Fate {
  const { status } = response
  if (scope.late || (status >= 500 && scope.request.signal.aborted)) return { fate: 'again' }
  const reason = unsharable(scope, response, rules) ?? unwhole(scope, response, maxBytes)
  if (reason !== undefined) return { fate: 'leave', reason }
  if (status === 200 || status === 404) {
    if (rules.life(status) !== undefined) return { fate: 'keep' }
  }
  return status >= 400 && !ofOne.has(status) ? { fate: 'share' } : { fate: 'leave' }
}

/** Why it is not for others. */
function unsharable(scope: Scope, response: Response, rules: RouteRules): string | undefined {
  const said = (name: string): string | undefined => saidOf(scope, response, name)
  if (response.headers.has('set-cookie') || (scope.cookies?.length ?? 0) > 0) return 'it sets a cookie'
  if (/\b(?:private|no-store)\b/i.test(said('cache-control') ?? ''))
    return 'its Cache-Control keeps it from being stored'
  const names = mergedVary(said('vary')).toLowerCase()
  for (const name of names === '' ? [] : names.split(', ')) {
    const isKnown =
      covered.has(name) ||
      rules.vary.includes(name) ||
      (name === 'accept-language' && rules.languages.length > 0) ||
      (rules.audience !== 'everybody' && ofCaller.has(name))
    if (!isKnown) return `it varies by ${name}, which the route does not say: vary: ['${name}']`
  }
  const language = said('content-language')
  const asked =
    rules.languages.length > 0 ? bestOf(scope.request.headers.get('accept-language'), rules.languages) : undefined
  if (asked !== undefined && language !== undefined && language.toLowerCase() !== asked.toLowerCase())
    return `it is in ${language} where languageOf() says ${asked}`
  return undefined
}

/** Why it cannot be read as a whole, as it is. */
function unwhole(scope: Scope, response: Response, maxBytes: number): string | undefined {
  const { headers } = response
  if (headers.has('content-encoding')) return 'the handler has compressed it'
  if (headers.has('content-range')) return 'it is a part'
  if (headers.get('content-type')?.startsWith('text/event-stream')) return 'it is a stream of events'
  const length =
    weightOf(response) ?? (headers.has('content-length') ? Number(headers.get('content-length')) : undefined)
  if (length !== undefined) return length > maxBytes ? 'it is larger than maxEntryBytes' : undefined
  if (scope.answered === 'plain' && !scope.streams) return undefined
  return 'the handler makes the Response itself and says no content-length: answer a value, which Kwik can keep'
}

/** What the handler, or a plugin for it, says in a header: not what all answers begin with. */
export function saidOf(scope: Scope, { headers }: Response, name: string): string | undefined {
  const added = scope.headers?.[name]
  if (added !== undefined) return added
  const value = headers.get(name) ?? undefined
  if (value === undefined || scope.begun === undefined) return value
  const isBeginning = scope.beginning?.text.get(name) === value
  return isBeginning && !isSaid(scope.said, name) ? undefined : value
}

const isSaid = (said: Scope['said'], name: string): boolean =>
  Object.keys(said ?? {}).some((one) => one.toLowerCase() === name)
