import type { App } from './boot.ts'
import type { Deadlines } from './deadlines.ts'
import { type Client, clientOf } from './internal/client.ts'
import { publicBaseOf } from './internal/public-base.ts'
import type { PhaseTimes } from './phase-times.ts'
import type { Database } from './ports/database.ts'
import type { FieldNaming } from './ports/field-naming.ts'
import type { Logger } from './ports/logger.ts'
import type { ProblemError } from './problem.ts'
import type { Beginning } from './works.ts'

/** How a caller proved who they are. */
export type Way = 'bearer' | 'cookie' | 'apiKey'

/** The user as handlers see it: `ctx.user`. An app's own accounts may add to it. */
export interface User {
  readonly id: string
  readonly email?: string
  readonly name?: string | null
  readonly roles?: readonly string[]
}

/** Who is calling. Made by an `Authenticator`; read by permissions, rate limits, audit columns and logs. */
export interface Principal {
  readonly id: string
  readonly via: Way
  readonly user: User
  /** What the caller may do: `products:read`, `products:*`, `*`. */
  readonly permissions: ReadonlySet<string>
  /** What they hold in single tenants beside that, by tenant; an authenticator hands on what the account says. */
  readonly tenants?: ReadonlyMap<string, ReadonlySet<string>>
  /** The tenant that the credential is bound to; once the request's is known, the one that `permissions` hold in. */
  readonly tenant?: string
  /** Of `permissions`, what holds in every tenant; absent while no tenant is known. */
  readonly everywhere?: ReadonlySet<string>
  /** Who really acts, while somebody is impersonated (RFC 8693, `act`). */
  readonly actor?: { readonly id: string }
  /** The session a token belongs to. */
  readonly sessionId?: string
  /** The API key that was sent. */
  readonly apiKeyId?: string
}

/** How a request really ended: for the access line, metrics and spans. */
export interface End {
  readonly status: number
  /** From the first byte of ours to the last, in milliseconds. */
  readonly ms: number
  /** Whether the client went away before the end of the answer. */
  readonly aborted: boolean
  /** Whether the app could not go on with an answer that had begun. */
  readonly broken: boolean
  /** Bytes of the body as they left, where somebody wanted them counted. */
  readonly bytes: number | undefined
}

/** The span that a request is: ids as W3C Trace Context writes them. */
export interface TraceIds {
  readonly traceId: string
  readonly spanId: string
  /** Whether it is recorded. */
  readonly sampled: boolean
}

/** Sees the response before it leaves, and may answer another one. */
export type OnResponse = (response: Response) => Response | void | Promise<Response | void>
export type OnEnd = (end: End) => void
/** @param answer what the handler answered, before it is turned into a response */
export type BeforeCommit = (database: Database, answer: unknown) => Promise<void>

/** A route that is entered again when what it waits for has settled. */
export interface Left {
  readonly settled: Promise<void>
  readonly enter: () => Response | Promise<Response>
}

/**
 * `hit`: it was kept. `stale`: it was, and is made anew. `shared`: another request's handler made it. `stored`: its own
 * handler did, and it is kept now; `miss`: it is not. `bypass`: the request went past the cache.
 */
export type CacheOutcome = 'hit' | 'stale' | 'shared' | 'stored' | 'miss' | 'bypass'

/** A typed place on the scope for one plugin's own state. */
export interface Slot<T> {
  readonly key: symbol
  readonly '~type'?: T
}
export const slot = <T>(name: string): Slot<T> => ({ key: Symbol(name) })

/** What one request knows. The owner of a field writes it; everybody else reads it and copes with its absence. */
export class Scope {
  readonly request: Request
  readonly startedAt: number
  app: App | undefined
  /** `METHOD /pattern` of the matched route. */
  route: string | undefined
  /** Request id: set by logging, echoed as X-Request-Id. */
  id: string | undefined
  logger: Logger | undefined
  /** Set by tracing, said in log lines. */
  trace: TraceIds | undefined
  /** Set by whoever wants to know the parts of its time. */
  times: PhaseTimes | undefined
  /** Whether somebody wants the bytes of the answer counted. */
  weighs = false
  /** Statements that the request has asked the database for, and the milliseconds that they took; counted by logging. */
  queries = 0
  queryMs = 0
  principal: Principal | null = null
  /** Why a credential was not taken. A route that needs a caller answers with it; a public one goes on without. */
  rejection: ProblemError | undefined
  /** Of the API, that the answer is in. Set by versioning. */
  version: string | undefined
  /** Set where that is an older one. */
  naming: FieldNaming | undefined
  /** What a cache did for the request. Set by cache, told by lines, spans and numbers. */
  cached: CacheOutcome | undefined
  /** For which tenant the request is; `undefined` where the app has none, or the request names none. */
  tenant: string | undefined
  /** The problem that is the answer. */
  refusal: ProblemError | undefined
  /** Every `admit` step let the request in: one that is handled again (HEAD as GET) is not asked again. */
  admitted = false
  /** An `admit` step that asks another service: what it refuses with, later. */
  waiting: Promise<Response | void> | undefined
  /** The `admit` step to go on with then. */
  resume: number | undefined
  /** A guard, or a step that answers in the handler's place, waits, and the route was left meanwhile. */
  left: Left | undefined
  /** Its guards have settled: they are not asked again. */
  guarded = false
  /** What a `replay` step has answered, after its route was left while it waited. */
  replayed: { readonly answer: Response | undefined } | undefined
  /** Marks scripts and styles of this answer as ours (CSP); made by `nonceOf`. */
  nonce: string | undefined
  /** What the steps before validation add to the handler's context. */
  adds: Record<string, unknown> | undefined
  /** Headers that every answer to this request carries: set once, on the final response. */
  headers: Record<string, string> | undefined
  /** `Set-Cookie` of every answer to this request; each is a header of its own. */
  cookies: string[] | undefined
  /** What the answer depends on beside route, params and query: a cache's key takes it in. */
  variant = ''
  /** The plain answer that was made with headers of a plugin, and those headers. */
  begun: Response | undefined
  beginning: Beginning | undefined
  /** The headers that the handler itself said of it. */
  said: Readonly<Record<string, unknown>> | undefined
  onResponse: OnResponse[] | undefined
  onEnd: OnEnd[] | undefined
  /** Run in the handler's transaction, last before it is committed: what must be stored with the work, or not at all. */
  beforeCommit: BeforeCommit[] | undefined
  /** Its time was over, and the client was told so; the handler may still work. */
  late = false
  /** See the answer that came too late to leave. */
  whenLate: ((response: Response) => void)[] | undefined
  /** What really went wrong, for the log. */
  failure: unknown
  /** Where requests wait that must be answered in time; `undefined` without a limit. */
  deadlines: Deadlines | undefined
  /** Told of them when the request comes to its route later than at once. */
  whenEntered: ((deadlines: Deadlines) => void) | undefined
  /** Asks the wrap to hand the request in once more, as GET: its path has no route for HEAD. */
  asGet = false
  /** Asks the wrap to hand the request in once more, at another URL: an older version knew its route there. */
  elsewhere: string | undefined
  /** The method of its route there, where that is another one. */
  elsewhereMethod: string | undefined
  /** It is handed in within the wrap, or beside it: nobody waits for its end. */
  inside = false
  /** Whether the body is arriving: a deadline that passes now is the client's. */
  reading = false
  streams = false
  /** Why the handler could not go on with an answer that it makes piece by piece. */
  broken: { readonly error: unknown } | undefined
  /** What the handler answered: a text or an object, or something that may be of any length. */
  answered: 'plain' | 'other' | undefined
  /** Its end was told. */
  ended = false
  private client: Client | undefined
  private base: string | undefined
  private slots: Record<symbol, unknown> | undefined
  private controller: AbortController | undefined

  constructor(request: Request) {
    this.request = request
    this.startedAt = performance.now()
  }

  /** Address of the client: the peer, or what a trusted proxy says of it. Found when first asked for. */
  get address(): string | undefined {
    return (this.client ??= clientOf(this.request, this.app)).address
  }

  /** Whether the client came by TLS: to us, or to a trusted proxy that says so. */
  get secure(): boolean {
    if (this.request.url.startsWith('https:')) return true
    return this.app?.core.proxies !== undefined && (this.client ??= clientOf(this.request, this.app)).secure
  }

  /** What stands before this app's paths where clients see them, as far as a trusted proxy says it; else `''`. */
  get publicBase(): string {
    if (this.app?.core.proxies === undefined) return ''
    return (this.base ??= publicBaseOf(this.request, this.app))
  }

  /** Aborted when the client leaves or the deadline passes. Made when first asked for. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController()
      this.controller = controller
      const { signal } = this.request
      if (signal.aborted) controller.abort(signal.reason)
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
    }
    return this.controller.signal
  }

  abort(reason: unknown): void {
    void this.signal
    this.controller!.abort(reason)
  }

  get<T>(place: Slot<T>): T | undefined {
    return this.slots?.[place.key] as T | undefined
  }

  set<T>(place: Slot<T>, value: T): void {
    this.slots ??= {}
    this.slots[place.key] = value
  }

  /**
   * For the same request once more, beside it and for nobody: as the same caller, who was let in. What is of one answer
   * alone, such as headers and cookies, is not taken over, and neither is what a client has or wants of it already.
   */
  again(): Scope {
    const { request } = this
    const url = this.elsewhere ?? request.url
    const headers = new Headers(request.headers)
    for (const name of conditions) headers.delete(name)
    const again = scopeOf(new Request(url.startsWith('/') ? `http://localhost${url}` : url, { headers }))
    const { app, route, id, logger, trace, deadlines, client, base } = this
    const { principal, rejection, version, naming, tenant, variant, adds } = this
    Object.assign(again, { app, route, id, logger, trace, deadlines, base })
    Object.assign(again, { principal, rejection, version, naming, tenant, variant, adds })
    // Who is at the other end is not known of a request that nobody sent.
    again.client = client ?? clientOf(request, app)
    again.slots = { ...this.slots }
    again.admitted = true
    again.guarded = true
    again.inside = true
    return again
  }

  /** Adds a header to the final response. */
  header(name: string, value: string): void {
    this.headers ??= {}
    this.headers[name] = value
  }

  /** Sets a cookie with the final response: the whole value of a `Set-Cookie` header. */
  cookie(line: string): void {
    this.cookies ??= []
    this.cookies.push(line)
  }

  /** Hands a value to the handler's context, under a name that the plugin declares in its `adds`. */
  add(name: string, value: unknown): void {
    this.adds ??= {}
    this.adds[name] = value
  }
}

/** What makes an answer depend on what its client has (RFC 9110, 13 and 14). */
const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range']

/** Kept on the request itself: a WeakMap with an entry for each request is work for every garbage collection. */
const kept: unique symbol = Symbol('kwik.scope')
type Kept = Request & { [kept]?: Scope }

export function scopeOf(request: Kept): Scope {
  return (request[kept] ??= new Scope(request))
}

/** Lets a request that stands for another (HEAD answered as GET) share its scope. */
export function shareScope(from: Request, to: Kept): void {
  to[kept] = scopeOf(from)
}
