import type { AnyElysia } from 'elysia'

export interface Sent {
  readonly key?: string
  readonly body?: unknown
  readonly as?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}
type Send = (path: string, sent?: Sent) => Promise<Response>

/** How to send something with a key; alice sends it, unless somebody else does. */
export const sending =
  (to: Pick<AnyElysia, 'handle'>): Send =>
  (path, { key, body = {}, as = 'alice', method = 'POST', headers = {} } = {}) =>
    Promise.resolve(
      to.handle(
        new Request(`http://localhost${path}`, {
          method,
          headers: {
            ...(as !== '' && { authorization: as }),
            ...(key !== undefined && { 'idempotency-key': key }),
            'content-type': 'application/json',
            ...headers,
          },
          body: JSON.stringify(body),
        }),
      ),
    )

/** What a test compares of an answer: its status, whether it was said again, and its body or the code of its problem. */
export async function told(response: Response): Promise<unknown[]> {
  const text = await response.text()
  const replayed = response.headers.get('idempotency-replayed') ?? 'first'
  const json = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
  return [response.status, replayed, json?.code ?? json]
}
