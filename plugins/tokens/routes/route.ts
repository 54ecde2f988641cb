/** One route as data: `plugin.ts` hands it to the app. */
export interface TokenRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly options: Readonly<Record<string, unknown>>
  /** It destructures what it needs: Elysia reads its source. */
  readonly handler: (context: never) => unknown
}

/** Answers that have a token in them, or say that there is none any more: RFC 6749, 5.1. */
export const noStore: readonly [string, string] = ['cache-control', 'no-store']
