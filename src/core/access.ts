import { defaultBodyLimit, defaultTimeout } from './boot.ts'
import { refuse } from './errors.ts'
import { rangesOf } from './internal/address.ts'
import { type Duration, milliseconds } from './internal/duration.ts'
import { checkedBodyLimit } from './internal/size.ts'
import { mayWait, type Steps } from './phases.ts'
import { definePlugin, type KwikPlugin, type Macro } from './plugin.ts'
import type { Authenticator } from './ports/authenticator.ts'
import type { Clock } from './ports/clock.ts'
import type { Database } from './ports/database.ts'
import type { Logger } from './ports/logger.ts'
import { type Problem, ProblemError } from './problem.ts'
import type { Principal, Scope, User, Way } from './scope.ts'
import type { RouteFacts } from './works.ts'

/** What core's own route options need. */
export interface CoreOptions {
  /** Refuse to start with a route that says neither who may call it nor that anybody may; `false` warns once instead. @default true */
  readonly strict?: boolean
  /** Bytes of a request body. @default 1048576 */
  readonly bodyLimit?: number
  /** How long an answer may take. @default '30s' */
  readonly timeout?: Duration
  /** For `transaction: true`. */
  readonly database?: Database
  readonly logger?: Logger
  /** The time that rows are stamped with. @default the system's */
  readonly clock?: Clock
  /** Stop gracefully on SIGTERM and SIGINT. @default true */
  readonly signals?: boolean
  /** How long open requests may take to finish when the app stops; what is still open then is cut. @default '10s' */
  readonly drain?: Duration
  /**
   * Reverse proxies whose word on the client's address and protocol is believed, by address or CIDR range: `['10.0.0.0/8']`.
   * Never a range that clients are in: they could then be whoever they say.
   * @default []
   */
  readonly trustedProxies?: readonly string[]
}

/** The route options that core owns. `U` is what handlers find as `user`. */
export type CorePlugin<U extends User = User> = KwikPlugin<{
  macros: {
    auth: Macro<boolean | readonly Way[], { user: U }, { 401: Problem }>
    public: Macro<true>
    transaction: Macro<boolean>
    timeout: Macro<Duration | false, {}, { 503: Problem }>
    bodyLimit: Macro<number, {}, { 413: Problem }>
  }
}>

/**
 * The plugin of core's own route options: `auth`, `public`, `transaction`, `timeout`, `bodyLimit`.
 * `kwik({...})` brings it; an app made of single plugins uses it when it needs one of them.
 */
export function core<U extends User = User>(options: CoreOptions = {}): CorePlugin<U> {
  const {
    strict = true,
    bodyLimit = defaultBodyLimit,
    timeout = defaultTimeout / 1000,
    database,
    logger,
    clock,
    signals = true,
    drain,
    trustedProxies = [],
  } = options
  return definePlugin<CorePlugin<U>, CoreOptions>({
    name: 'core',
    options,
    keys: ['auth', 'public', 'transaction', 'timeout', 'bodyLimit'],
    setup: (_, neighbours) => {
      const undeclared: string[] = []
      return {
        core: {
          bodyLimit: checkedBodyLimit(bodyLimit),
          timeout: milliseconds(timeout),
          closedBodies: strict,
          signals,
          ...(drain !== undefined && { drain: milliseconds(drain) }),
          ...(trustedProxies.length > 0 && { proxies: rangesOf(trustedProxies, 'trustedProxies') }),
          ...(database && { database }),
          ...(logger && { logger }),
          ...(clock && { clock }),
        },
        always: (route) => {
          checkDeclared(route, strict, undeclared)
          return identifySteps(neighbours.authenticators())
        },
        options: { auth: (ways: true | readonly Way[]) => ({ authorize: (scope) => requireCaller(scope, ways) }) },
        booted: ({ logger }) => {
          if (undeclared.length === 0) return
          logger.warning(
            `routes that say neither \`auth\`, \`permission\` nor \`public: true\` are open to anybody: ${undeclared.join(', ')}`,
          )
          undeclared.length = 0
        },
      }
    },
  })
}

const knownWays: readonly unknown[] = ['bearer', 'cookie', 'apiKey'] satisfies Way[]
const waysInWords: Readonly<Record<Way, string>> = {
  bearer: 'a token in Authorization',
  cookie: 'the cookie of a session',
  apiKey: 'an API key in X-API-Key',
}

/** JavaScript can write what the types forbid: `public: 'false'` must not open a route. */
function checkWords(auth: unknown, open: unknown): void {
  if (open !== undefined && typeof open !== 'boolean') throw new Error('`public` takes `true`, and nothing else')
  if (auth === undefined || typeof auth === 'boolean') return
  if (!Array.isArray(auth) || auth.length === 0 || !auth.every((way) => knownWays.includes(way)))
    throw new Error("`auth` takes `true`, or a list of 'bearer', 'cookie' and 'apiKey'")
}

function checkDeclared({ method, path, options, said }: RouteFacts, strict: boolean, undeclared: string[]): void {
  const { auth, public: open } = options
  checkWords(auth, open)
  // A guard's word holds, whatever the route says after it.
  const permission = said['permission']?.findLast((word) => word !== undefined && word !== false)
  const guarded = (auth !== undefined && auth !== false) || permission !== undefined
  if (open && guarded)
    throw new Error(
      '`public: true` together with `auth` or `permission` (one of them may come from a guard): remove one',
    )
  if (open || guarded || auth === false) {
    if (auth === false && !open && permission === undefined)
      throw new Error('`auth: false` leaves the route open: say `public: true`')
    return
  }
  if (strict)
    throw new Error(
      "say who may call it: `auth: true`, `permission: ...` or `public: true`; another maker's plugin enters as .use(open(plugin)) or .use(guarded({ permission }, plugin))",
    )
  undeclared.push(`${method} ${path}`)
}

/** Nobody is refused here: a public route goes on without a caller. */
function identifySteps(authenticators: readonly Authenticator[]): Steps {
  if (authenticators.length === 0) return {}
  const all = [...authenticators].sort((a, b) => (a.way < b.way ? -1 : 1))
  return { identify: mayWait((scope: Scope) => identify(scope, all, 0)) }
}

function identify(
  scope: Scope,
  all: readonly Authenticator[],
  from: number,
): ProblemError | void | Promise<ProblemError | void> {
  for (let i = from; i < all.length; i++) {
    const answer = all[i]!.authenticate(scope)
    if (answer instanceof Promise) return answer.then((settled) => note(scope, settled) ?? identify(scope, all, i + 1))
    const refusal = note(scope, answer)
    if (refusal) return refusal
  }
}

function note(scope: Scope, answer: Principal | ProblemError | null): ProblemError | void {
  if (answer === null) return
  // Two credentials that each name somebody: which one is meant, nobody can know.
  if (scope.principal !== null || (scope.rejection && !(answer instanceof ProblemError)))
    return refuse('KWIK_CREDENTIALS_AMBIGUOUS', {
      detail: 'Send one credential: a bearer token, a session cookie or an API key.',
    })
  if (answer instanceof ProblemError) {
    // A service that is down is no anonymous caller.
    if (answer.status >= 500) return answer
    scope.rejection = answer
  } else scope.principal = answer
}

/** The refusal of a request that needs a caller and has none; hands `user` to the handler. */
export function requireCaller(scope: Scope, ways: true | readonly Way[] = true): ProblemError | void {
  const { principal } = scope
  if (principal === null) return scope.rejection ?? unauthenticated()
  if (ways !== true && !ways.includes(principal.via))
    return refuse(
      'KWIK_UNAUTHENTICATED',
      { detail: `This route takes ${ways.map((way) => waysInWords[way]).join(' or ')}.` },
      { 'www-authenticate': 'Bearer' },
    )
  scope.add('user', principal.user)
}

export const unauthenticated = (): ProblemError =>
  refuse(
    'KWIK_UNAUTHENTICATED',
    { detail: 'Send a credential, such as Authorization: Bearer <token>.' },
    { 'www-authenticate': 'Bearer' },
  )
