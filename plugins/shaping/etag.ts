import { createHash } from 'node:crypto'
import { isKnownTag } from '#core/internal/etags'
import type { Scope } from '#core/scope'

/**
 * Tags the answer by its bytes (RFC 9110, 8.8.3), and answers 304 to who has it. The tag is weak: the same rows may leave
 * compressed. Made of what really goes out, after every hook.
 */
export function tagAnswer(scope: Scope): void {
  scope.onResponse ??= []
  scope.onResponse.push(async (response) => {
    if (response.status !== 200) return undefined
    const body = await response.arrayBuffer()
    const tag = `W/"${createHash('sha256').update(new Uint8Array(body)).digest('base64url').slice(0, 22)}"`
    const { headers } = response
    headers.set('etag', tag)
    if (!isKnownTag(scope.request.headers.get('if-none-match'), tag)) return new Response(body, { headers })
    headers.delete('content-type')
    headers.delete('content-length')
    return new Response(null, { status: 304, headers })
  })
}
