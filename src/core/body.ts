import { refuse } from './errors.ts'
import type { ProblemError } from './problem.ts'

/** How a route's body may look. */
export interface BodyRules {
  /** Bytes. */
  readonly limit: number
  /** Milliseconds for the whole body to arrive; `0` is no limit. */
  readonly timeout: number
  /** Whether only the content types that this route can take are let in. */
  readonly checksType: boolean
  readonly acceptsText: boolean
}

interface Body {
  readonly value?: unknown
  readonly refusal?: ProblemError
}

/** Strict: a text that is not UTF-8 is refused, never repaired. */
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Deepest nesting of a JSON body. */
const maxDepth = 64

export function bodyRules(route: { limit: number; timeout: number; schema: unknown }): BodyRules {
  const type = (route.schema as { type?: unknown } | undefined)?.type
  return {
    limit: route.limit,
    timeout: route.timeout,
    checksType: route.schema !== undefined,
    acceptsText: type !== 'object' && type !== 'array',
  }
}

/** Refuses a body by its announced length, before a byte of it is read. */
export function lengthRefusal(request: Request, limit: number): ProblemError | undefined {
  const length = request.headers.get('content-length')
  return length !== null && Number(length) > limit ? tooLarge(limit) : undefined
}

/**
 * Reads a JSON body with a limit on bytes, depth and time. Other types are left to Elysia once their length is known to be allowed.
 * `undefined` means that Elysia reads on.
 */
export async function readBody(request: Request, rules: BodyRules): Promise<Body | undefined> {
  const { headers } = request
  const length = headers.get('content-length')
  const chunked = length === null && request.body !== null
  const type = mediaType(headers.get('content-type'))
  const empty = !chunked && (length === null || length === '0')
  if (empty) return isJson(type) ? { value: null } : undefined
  if (rules.checksType && !takes(type, rules)) return { refusal: wrongType(type) }
  if (!isJson(type)) {
    if (!chunked) return undefined
    return {
      refusal: refuse('KWIK_BODY_LENGTH_REQUIRED', { detail: 'Only JSON may come in chunks: send a Content-Length.' }),
    }
  }
  try {
    const text = chunked ? await readChunks(request, rules) : utf8.decode(await withTimeout(request.arrayBuffer(), rules.timeout))
    if (typeof text !== 'string') return { refusal: text }
    return { value: text === '' ? null : parseJson(text) }
  } catch (error) {
    if (error instanceof SyntaxError)
      return { refusal: refuse('KWIK_BODY_MALFORMED', { detail: 'The body is not JSON.' }) }
    if (error instanceof TooDeep)
      return { refusal: refuse('KWIK_BODY_TOO_DEEP', { detail: `JSON may be nested ${maxDepth} levels deep.` }) }
    if (error instanceof TooSlow) return { refusal: refuse('KWIK_BODY_TIMEOUT') }
    return { refusal: refuse('KWIK_BODY_MALFORMED', { detail: 'The body broke off.', cause: error }) }
  }
}

const mediaType = (header: string | null): string => (header ?? '').split(';', 1)[0]!.trim().toLowerCase()
const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json')

function takes(type: string, rules: BodyRules): boolean {
  if (isJson(type) || type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded') return true
  return rules.acceptsText && (type === 'text/plain' || type === 'application/octet-stream')
}

const tooLarge = (limit: number): ProblemError =>
  refuse('KWIK_BODY_TOO_LARGE', { detail: `A body may have ${limit} bytes here.` }, { connection: 'close' })

const wrongType = (type: string): ProblemError =>
  refuse(
    'KWIK_BODY_TYPE',
    { detail: type === '' ? 'Send a Content-Type, such as application/json.' : 'Send the body as application/json.' },
    { accept: 'application/json' },
  )

/** Reads no further than the limit. */
async function readChunks(request: Request, rules: BodyRules): Promise<string | ProblemError> {
  const reader = request.body!.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const until = rules.timeout === 0 ? 0 : performance.now() + rules.timeout
  let text = ''
  let size = 0
  for (;;) {
    const left = until === 0 ? 0 : Math.max(1, until - performance.now())
    const { done, value } = await withTimeout(reader.read(), left)
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > rules.limit) {
      void reader.cancel().catch(() => {})
      return tooLarge(rules.limit)
    }
    text += decoder.decode(value, { stream: true })
  }
}

class TooSlow extends Error {}
class TooDeep extends Error {}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  if (ms === 0) return work
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new TooSlow()), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function parseJson(text: string): unknown {
  // A text this short cannot be nested too deeply.
  if (text.length > maxDepth * 2 && depthOf(text) > maxDepth) throw new TooDeep()
  return JSON.parse(text)
}

/** How deep the brackets of a JSON text go; without recursion, so that no text can exhaust the stack. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 92) i++
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 123 || code === 91) {
      if (++depth > deepest) deepest = depth
    } else if (code === 125 || code === 93) depth--
  }
  return deepest
}
