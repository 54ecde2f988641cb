import type { AnyElysia } from 'elysia'
import type { Ranges } from './internal/address.ts'
import type { Steps } from './phases.ts'
import type { Authenticator } from './ports/authenticator.ts'
import type { Clock } from './ports/clock.ts'
import type { Database } from './ports/database.ts'
import type { Logger } from './ports/logger.ts'
import type { ProblemError } from './problem.ts'
import type { End, Scope } from './scope.ts'

/** A route as plugins see it at boot. */
export interface RouteFacts {
  readonly method: string
  readonly path: string
  /** The innermost word of every Kwik option on the route, its guards and groups. */
  readonly options: Readonly<Record<string, unknown>>
  /** Every word said for each option, the outermost guard's first: of options where each counts, such as `permission`. */
  readonly said: Readonly<Record<string, readonly unknown[]>>
  /** Elysia's own words on the route: body, query, params, response, detail. */
  readonly schema: Readonly<Record<string, unknown>>
  /** Its handler is a generator: the answer leaves piece by piece. */
  readonly streams?: boolean
}

/** What core itself reads of an app: given by the core plugin, with defaults where it is not used. */
export interface CoreSettings {
  /** Bytes of a body. */
  readonly bodyLimit: number
  /** Milliseconds for an answer. */
  readonly timeout: number
  /** Whether unknown fields of a body are refused; else Elysia drops them. */
  readonly closedBodies: boolean
  readonly database?: Database
  readonly logger?: Logger
  readonly clock?: Clock
  /** `false` leaves SIGTERM and SIGINT to the program. */
  readonly signals?: boolean
  /** Milliseconds that requests may take to finish when the app stops. */
  readonly drain?: number
  /** Who may say for whom a request is: reverse proxies. */
  readonly proxies?: Ranges
}

/** What an `admit` step says: a refusal, another answer, or nothing. */
export type Admission = ProblemError | Response | void

/** Headers made at boot: an answer takes them over as they are, which costs less than setting each of them. */
export interface Beginning {
  /** Each with its content type, where Elysia says one. */
  readonly text: Headers
  readonly json: Headers
}

/** What a plugin may know of an app that was booted. */
export interface BootedApp {
  readonly root: AnyElysia
  readonly logger: Logger
  readonly database: Database | undefined
}

/** A plugin at work in one app: made at boot, once for each root, so two apps share nothing. */
export interface Works {
  /** First of all, for every request, also those that core itself refuses: their log lines and headers. */
  readonly open?: (scope: Scope) => void
  /** Before routing, for every request; a refusal is the answer. `Response` is for preflights and the like. */
  readonly admit?: (scope: Scope) => Admission | Promise<Admission>
  /** Methods that a path takes for some clients, beside those of the app's routes there: an older version had a route. */
  readonly methods?: (path: string, root: AnyElysia) => readonly string[]
  /** On every route; throws what is wrong with the route. */
  readonly always?: (route: RouteFacts) => Steps
  /** On routes that use one of the plugin's options. */
  readonly options?: Readonly<Record<string, (value: never, route: RouteFacts) => Steps>>
  /**
   * The headers that a plain answer begins with: a text, or an object that leaves as JSON. Of one plugin of an app. They
   * are on `scope.begun` when `respond` runs, under whatever the handler and other plugins say.
   */
  readonly begin?: (scope: Scope) => Beginning | undefined
  /** When headers are about to leave; may answer another response. */
  readonly respond?: (scope: Scope, response: Response) => Response | void | Promise<Response | void>
  /** At the true end of the response: for streams, when the last byte went out. */
  readonly close?: (scope: Scope, end: End) => void
  /**
   * Writes the plugin's own routes on `own`, once; boot takes those to the app that serves which it does not have itself.
   * They may use any option of the app's plugins. `root` is there to be read.
   */
  readonly routes?: (own: AnyElysia, root: AnyElysia) => void
  /** Where the app's log lines go, unless core's own option says otherwise. */
  readonly logger?: Logger
  /** How this plugin recognises callers: one for each way that it knows. */
  readonly authenticator?: Authenticator | readonly Authenticator[]
  /** Headers of requests, in lower case, that have a name of the app's choosing and mean something to this plugin. */
  readonly reads?: readonly string[]
  readonly core?: CoreSettings
  /** Makes a problem of an error the plugin knows: a unique key that is taken, for example. */
  readonly problemOf?: (error: unknown) => ProblemError | undefined
  /** The database of the app, for those who watch it; core's own option goes before. */
  readonly database?: Database
  /** After a boot that found nothing wrong; again when routes came later. */
  readonly booted?: (app: BootedApp) => void
  /** When the app begins to listen. */
  readonly listening?: () => void
  /** When the app begins to stop, before its last requests have ended: takes no new work, and tells what goes on to leave. */
  readonly drain?: () => void
  /** On graceful stop, after the last request: closes connections. */
  readonly stop?: () => void | Promise<void>
}

/** What the plugins of an app may ask about each other while routes are planned. */
export interface Neighbours {
  readonly authenticators: () => readonly Authenticator[]
  /** Whether a plugin of the app owns the route option: routes of plugins say `public` only where somebody reads it. */
  readonly knows: (option: string) => boolean
}

export interface Definition {
  readonly name: string
  readonly keys: readonly string[]
  /** Options of which each word holds, a guard's and the route's. */
  readonly every: readonly string[]
  readonly options: unknown
  setup(neighbours: Neighbours): Works
}
