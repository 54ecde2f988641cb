import { Buffer } from 'node:buffer'
import { weighed } from '../internal/weight.ts'
import type { Scope } from '../scope.ts'

/** What Elysia's context keeps of the answer. */
export interface Said {
  headers: Readonly<Record<string, unknown>>
  readonly status?: number | string
  readonly cookie?: object
}

/**
 * Makes the answer of a plain value with the headers that a plugin has ready. `undefined` where Elysia must make it:
 * for any other kind of value, another status, and cookies.
 */
export function begunAnswer(scope: Scope, value: unknown, set: Said): Response | undefined {
  const begin = scope.app?.begin
  if (begin === undefined || set.status !== 200 || set.cookie !== undefined) return undefined
  const isText = typeof value === 'string'
  if (!isText && !isPlain(value)) return undefined
  const { headers } = set
  for (const name in headers) if (typeof headers[name] !== 'string') return undefined
  const beginning = begin(scope)
  const text = isText ? value : JSON.stringify(value)
  // An object may say of itself that it is nothing.
  if (beginning === undefined || text === undefined) return undefined
  const answer = new Response(text, { headers: isText ? beginning.text : beginning.json })
  for (const name in headers) answer.headers.set(name, headers[name] as string)
  // Elysia would put them on once more.
  set.headers = {}
  scope.said = headers
  if (scope.weighs) weighed(answer, Buffer.byteLength(text))
  scope.begun = answer
  scope.beginning = beginning
  return answer
}

/** What Elysia writes as JSON by its class alone. */
const isPlain = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const made = value.constructor
  return made === Object || made === Array
}
