import { createHash } from 'node:crypto'
import type { Scope } from '#core/scope'

/** An answer as it is kept. */
interface Kept {
  /** What its caller might do: who may do something else might have been told something else. */
  readonly granted: string
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** Headers of an answer that mean the same when it is said again. Cookies, dates and what is counted are of one answer only. */
const usual: readonly string[] = [
  'content-disposition',
  'content-language',
  'content-location',
  'content-type',
  'etag',
  'last-modified',
  'link',
  'location',
]

/** Digest of what a caller may do. */
export const grantedTo = ({ principal }: Scope): string =>
  createHash('sha256')
    .update(JSON.stringify([...(principal?.permissions ?? [])].sort()))
    .digest('base64url')

interface Writing {
  readonly granted: string
  /** Names of headers to keep beside the usual ones, in lower case. */
  readonly more: readonly string[]
}

/** Writes an answer down. */
export function written({ status, headers }: Response, body: Uint8Array | null, { granted, more }: Writing): string {
  const names = [...usual, ...more]
  const kept: Kept = {
    granted,
    status,
    headers: names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)!] as const] : [])),
    body: body && Buffer.from(body).toString('base64'),
  }
  return JSON.stringify(kept)
}

/** The answer again, and a header that says so; `undefined` where it was for a caller who might do something else. */
export function replayed(text: string, now: string): Response | undefined {
  const { granted, status, headers, body } = JSON.parse(text) as Kept
  if (granted !== now) return undefined
  const answer = new Response(body === null ? null : Buffer.from(body, 'base64'), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
  answer.headers.set('idempotency-replayed', 'true')
  return answer
}

/**
 * The same response, whose body is looked at as it leaves: its end waits for `done`. What has more than `limit` bytes,
 * or breaks off, is told as `undefined`.
 */
export function recorded(
  response: Response,
  limit: number,
  done: (body: Uint8Array | undefined) => Promise<void>,
): Response {
  const reader = response.body!.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  let told = false
  const tell = async (body: Uint8Array | undefined): Promise<void> => {
    if (told) return
    told = true
    await done(body)
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        try {
          const { done: isOver, value } = await reader.read()
          if (isOver) {
            await tell(Buffer.concat(chunks))
            return to.close()
          }
          size += value.byteLength
          if (size <= limit) chunks.push(value)
          else {
            chunks.length = 0
            await tell(undefined)
          }
          to.enqueue(value)
        } catch (error) {
          await tell(undefined)
          to.error(error)
        }
      },
      async cancel(reason) {
        await tell(undefined)
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}
