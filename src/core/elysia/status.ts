import { ElysiaCustomStatusResponse, StatusMap } from 'elysia'

/** The status that an answer of a handler leaves with; `set` is its context's. */
export function statusOf(answer: unknown, set: { readonly status?: number | string }): number {
  if (answer instanceof Response) return answer.status
  if (answer instanceof ElysiaCustomStatusResponse) return answer.code
  const { status = 200 } = set
  return typeof status === 'number' ? status : (StatusMap[status as keyof typeof StatusMap] ?? 200)
}
