import { type Duration, milliseconds } from '#core/internal/duration'
import { SecretStoreError } from './provider.ts'

/** How a store is asked. The same words for every store. */
export interface StoreOptions {
  /** What references call the store, where an app has two of a kind. */
  readonly scheme?: string
  /** How long one request may take. @default '5s' */
  readonly timeout?: Duration
  /** How often a request is tried that found nobody, or a store that is overloaded. @default 4 */
  readonly attempts?: number
  /** The first wait between two tries; it doubles, and is drawn by lot. @default '200ms' */
  readonly backoff?: Duration
  /** How long a secret is good before it is read anew. @default until the app starts again, or as long as the store says */
  readonly ttl?: Duration
  /** Instead of the platform's: with certificates of your own, for example. */
  readonly fetch?: typeof fetch
}

/** What a store answered. */
export interface StoreAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The text as JSON; `undefined` where it is none. */
  readonly json: unknown
}

export interface StoreRequest {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether to ask again, beside what every overloaded server says by its status. */
  readonly busy?: (answer: StoreAnswer) => boolean
}

const busyStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
const longestWait = 5_000

/** Asks one store, with patience. */
export class StoreHttp {
  readonly name: string
  readonly ttl: number | undefined
  private readonly timeout: number
  private readonly attempts: number
  private readonly backoff: number
  private readonly fetch: typeof fetch | undefined

  /** @param name how messages call the store */
  constructor(name: string, { timeout = '5s', attempts = 4, backoff = '200ms', ttl, fetch }: StoreOptions) {
    this.name = name
    this.timeout = milliseconds(timeout)
    this.attempts = attempts
    this.backoff = milliseconds(backoff)
    this.ttl = ttl === undefined ? undefined : milliseconds(ttl)
    this.fetch = fetch
  }

  /**
   * Sends a request; one that has to be signed is made anew for each try.
   * @throws {SecretStoreError} when nobody answers
   */
  async send(make: StoreRequest | (() => StoreRequest), signal: AbortSignal): Promise<StoreAnswer> {
    for (let attempt = 1; ; attempt++) {
      const request = typeof make === 'function' ? make() : make
      const answer = await this.once(request, signal)
      const isBusy =
        answer instanceof SecretStoreError || busyStatuses.has(answer.status) || request.busy?.(answer) === true
      if (isBusy && attempt < this.attempts && !signal.aborted) {
        await this.wait(attempt, answer instanceof SecretStoreError ? null : answer.headers.get('retry-after'), signal)
        continue
      }
      if (answer instanceof SecretStoreError) throw answer
      return answer
    }
  }

  private async once(request: StoreRequest, signal: AbortSignal): Promise<StoreAnswer | SecretStoreError> {
    const { url, method = 'GET', headers = {}, body } = request
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.timeout)])
    try {
      // What a store redirects to is another host, to which our credentials do not belong.
      const response = await (this.fetch ?? fetch)(url, {
        method,
        headers,
        signal: limit,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: parsed(text) }
    } catch (error) {
      const why = limit.aborted ? `within ${this.timeout} ms` : `(${reasonOf(error)})`
      return new SecretStoreError(`${this.name} did not answer at ${new URL(url).host} ${why}`, true)
    }
  }

  private wait(attempt: number, retryAfter: string | null, signal: AbortSignal): Promise<void> {
    const asked = Number(retryAfter) * 1000
    const drawn = this.backoff * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)
    const ms = Math.min(asked > 0 ? asked : drawn, longestWait)
    return new Promise((done) => {
      const timer = setTimeout(done, ms)
      const stop = (): void => {
        clearTimeout(timer)
        done()
      }
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}

/** What a store says of itself when it refuses: one line, not long. */
export function said(text: unknown): string {
  const line = typeof text === 'string' ? text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim() : ''
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}

/** A refusal as it is told: the status, and what the store says, for which secret. */
export const refusal = (store: string, { status }: StoreAnswer, words: unknown, what: string): string =>
  `${store} answered ${status}${said(words) === '' ? '' : ` ${said(words)}`} for ${what}`

/** Overloaded, sealed or broken: what was asked for may be right. */
export const isUnreachable = ({ status }: StoreAnswer): boolean => busyStatuses.has(status)

/** Runs the work for each item, some at a time: a store counts how much it is asked at once. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>, limit = 8): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++
      results[at] = await work(items[at]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

const reasonOf = (error: unknown): string => {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return String(cause?.code ?? code ?? (error instanceof Error ? error.name : 'unknown'))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
