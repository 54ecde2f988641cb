import { refuse } from './errors.ts'
import { boundForm } from './internal/form-parts.ts'
import type { ProblemError } from './problem.ts'

/** How a route's body may look. */
export interface BodyRules {
  /** Bytes. */
  readonly limit: number
  /** Whether only the content types that this route can take are let in. */
  readonly checksType: boolean
  readonly acceptsText: boolean
  /** Whether the route says that its body is JSON, whatever it calls itself. */
  readonly isJson: boolean
}

/** Deepest nesting of a JSON body. */
const maxDepth = 64

export function bodyRules(route: { limit: number; schema: unknown; isJson: boolean }): BodyRules {
  const type = (route.schema as { type?: unknown } | undefined)?.type
  return {
    limit: route.limit,
    checksType: route.schema !== undefined && !route.isJson,
    acceptsText: type !== 'object' && type !== 'array',
    isJson: route.isJson,
  }
}

/** Refuses a body by its announced length, before a byte of it is read. */
export function lengthRefusal(length: string | null, limit: number): ProblemError | undefined {
  return length !== null && Number(length) > limit ? tooLarge(limit) : undefined
}

/**
 * Reads a JSON body with a limit on bytes and depth. Other types are left to Elysia once their length is known to be
 * allowed. Tells a `Refusal`, the value, or `undefined`, which means that Elysia reads on, and answers what it is answered.
 * That the whole body arrives in time is the deadline's matter.
 */
export function readBody(
  request: Request,
  length: string | null,
  rules: BodyRules,
  tell: (body: unknown) => unknown,
): unknown {
  const { headers } = request
  const chunked = isChunked(request, length)
  const type = mediaType(headers.get('content-type'))
  const json = rules.isJson || isJson(type)
  if (!chunked && (length === null || length === '0')) return tell(json ? null : undefined)
  if (rules.checksType && !takes(type, rules)) return tell(new Refusal(wrongType(type)))
  if (json) {
    const text = chunked ? readChunks(request, rules.limit) : request.text()
    return text.then(
      (read) => tell(parse(chunked || isUtf8(read as string, Number(length)) ? read : NOT_UTF8)),
      (error) => tell(broken(error)),
    )
  }
  if (type === 'multipart/form-data') boundForm(request)
  const refusal = chunksRefusal(request, length)
  return tell(refusal && new Refusal(refusal))
}

const isChunked = (request: Request, length: string | null): boolean => length === null && request.body !== null

/** Refuses a body of unknown length that is read as a whole. */
export function chunksRefusal(request: Request, length: string | null): ProblemError | undefined {
  if (!isChunked(request, length)) return undefined
  return refuse('KWIK_BODY_LENGTH_REQUIRED', { detail: 'Only JSON may come in chunks: send a Content-Length.' })
}

/** Keeps a refusal apart from every value that a body can have. */
export class Refusal {
  readonly problem: ProblemError
  constructor(problem: ProblemError) {
    this.problem = problem
  }
}

/** What a text that is not UTF-8 reads as: never JSON. */
const NOT_UTF8 = '\ufffd'

/** `text()` puts U+FFFD for bytes that are not UTF-8; a text that really has one is as long as was announced. */
const isUtf8 = (text: string, length: number): boolean => !text.includes('\ufffd') || Buffer.byteLength(text) === length

function parse(text: string | ProblemError): unknown {
  if (typeof text !== 'string') return new Refusal(text)
  if (text === '') return null
  // A text this short cannot be nested too deeply.
  if (text.length > maxDepth * 2 && depthOf(text) > maxDepth)
    return new Refusal(refuse('KWIK_BODY_TOO_DEEP', { detail: `JSON may be nested ${maxDepth} levels deep.` }))
  try {
    return JSON.parse(text)
  } catch {
    return new Refusal(refuse('KWIK_BODY_MALFORMED', { detail: 'The body is not JSON.' }))
  }
}

const broken = (error: unknown): Refusal =>
  new Refusal(refuse('KWIK_BODY_MALFORMED', { detail: 'The body broke off, or is not UTF-8.', cause: error }))

const mediaType = (header: string | null): string =>
  header === 'application/json' ? header : (header ?? '').split(';', 1)[0]!.trim().toLowerCase()
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
async function readChunks(request: Request, limit: number): Promise<string | ProblemError> {
  const reader = request.body!.getReader()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > limit) {
      void reader.cancel().catch(() => {})
      return tooLarge(limit)
    }
    text += decoder.decode(value, { stream: true })
  }
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
