import { weighed, weightOf } from '#core/internal/weight'
import type { Scope } from '#core/scope'
import { encode } from './encoders.ts'
import { negotiated } from './negotiation.ts'
import type { ResolvedCompressionOptions } from './options.ts'

/** Types that get smaller. Images, films and archives are packed already. */
const packable =
  /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]*\+)?(?:json|xml|javascript|x-javascript|yaml|graphql|wasm|x-ndjson)\b|image\/(?:svg\+xml|bmp|x-icon)|font\/(?:ttf|otf))/i

/** Whether an answer could be packed for somebody: caches must then know by what it differs. */
function mayPack({ streams, answered }: Scope, { status, headers }: Response): boolean {
  // What the handler made itself may be of any length, and end never.
  if (streams || answered === 'other') return false
  if (status < 200 || status === 204 || status === 206 || status === 304) return false
  if (headers.has('content-encoding') || headers.has('content-range')) return false
  if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) return false
  return packable.test(headers.get('content-type') ?? 'text/plain')
}

/** The answer as the client takes it: packed, or as it is with a word for caches. */
export function packed(
  scope: Scope,
  response: Response,
  options: ResolvedCompressionOptions,
): Response | void | Promise<Response | void> {
  const { threshold, encodings, signedIn } = options
  if (!mayPack(scope, response)) return
  const weight = weightOf(response)
  if (weight !== undefined && weight < threshold) return
  if (!signedIn && scope.principal !== null) return
  const coding = negotiated(scope.request.headers.get('accept-encoding'), encodings)
  if (coding === undefined) return asItIs(response, threshold, weight)
  return response.arrayBuffer().then(async (whole) => {
    const body = new Uint8Array(whole)
    const small = body.byteLength < threshold ? undefined : await encode(coding, body)
    const made = new Response(small ?? (body.byteLength === 0 ? null : body), response)
    if (body.byteLength >= threshold) vary(made.headers)
    if (small === undefined) return weighed(made, body.byteLength)
    made.headers.set('content-encoding', coding)
    made.headers.delete('content-length')
    weaken(made.headers)
    return weighed(made, small.byteLength)
  })
}

/** A client that takes nothing packed gets the plain body, and caches learn that others may get another one. */
function asItIs(response: Response, threshold: number, weight: number | undefined): Response | void {
  if (weight !== undefined && weight < threshold) return
  try {
    vary(response.headers)
    return undefined
  } catch {
    const writable = new Response(response.body, response)
    vary(writable.headers)
    return writable
  }
}

function vary(headers: Headers): void {
  const said = headers.get('vary')
  if (said === null) headers.set('vary', 'Accept-Encoding')
  else if (said.trim() !== '*' && !/(?:^|,)\s*accept-encoding\s*(?:,|$)/i.test(said))
    headers.set('vary', `${said}, Accept-Encoding`)
}

/** A strong tag stands for the very bytes, and those are others now (RFC 9110, 8.8.1). */
function weaken(headers: Headers): void {
  const tag = headers.get('etag')
  if (tag !== null && !tag.startsWith('W/')) headers.set('etag', `W/${tag}`)
}
