import type { Static, TSchema } from '@sinclair/typebox'
import type { Database } from '#core/ports/database'
import type { ScopeContext } from '../shaping/index.ts'
import type { ResourceService } from './service.types.ts'
import type { Expecting, ResourceTypes, UserCtx } from './types.ts'

/** A body as `run` gets it, and an answer as it gives it. */
export type BodyOf<S> = S extends TSchema ? Static<S> : undefined
type Given<S> = S extends TSchema ? Static<S> : unknown
type At<X, K> = K extends keyof X ? X[K] : unknown
type IsCollection<O> = [O] extends ['collection'] ? true : false

/** What an action works with. It runs in one transaction, which an error undoes. */
export interface ActionContext<Body, Row, R extends ResourceTypes> extends ScopeContext {
  /** The row as the caller may see it, kept as it is until the action ends; `undefined` for one on the collection. */
  readonly row: Row
  readonly body: Body
  readonly db: Database
  /** The caller, for calls of the service. */
  readonly caller: R['caller'] & UserCtx
  readonly service: ResourceService<R>
}

/** Something that can be done with a resource beside reading and writing it: `POST /products/:id/archive`. */
export interface Action<Body, Answer, On, R extends ResourceTypes> {
  /** What the caller must be allowed to do. @default the resource's permissions with the action's name: `products:archive` */
  readonly permission?: string
  /** Any route option of Kwik's plugins, `public`, and `detail`. */
  readonly options?: Readonly<Record<string, unknown>>
  /** What clients send; nothing, where it is left out. */
  readonly body?: Body
  /** What the route answers and the document says: without it, a row action answers the row as it is then, one on the collection nothing. */
  run(
    context: ActionContext<BodyOf<Body>, IsCollection<On> extends true ? undefined : R['row'], R>,
  ): Given<Answer> | Promise<Given<Answer>>
}

/** Actions by name: their bodies, what they answer, and what they are on. */
export type Actions<B, A, O, R extends ResourceTypes> = {
  readonly [K in keyof B]: Action<B[K], At<A, K>, At<O, K>, R>
} & {
  readonly [K in keyof A]: {
    /** Schema of the answer. @default that of a row; nothing for an action on the collection */
    readonly answer?: A[K]
  }
} & {
  readonly [K in keyof O]: {
    /** Whether it is done with one row, or with all. @default 'row' */
    readonly on?: O[K]
  }
}

type AnswerOf<S, On, R extends ResourceTypes> = S extends TSchema
  ? Static<S>
  : IsCollection<On> extends true
    ? undefined
    : R['row']

/** Actions as calls of the service. */
export type ActionCalls<B, A, O, R extends ResourceTypes> = {
  readonly [K in keyof B]: IsCollection<At<O, K>> extends true
    ? (body: BodyOf<B[K]>, caller: R['caller']) => Promise<AnswerOf<At<A, K>, At<O, K>, R>>
    : (
        id: string,
        body: BodyOf<B[K]>,
        caller: R['caller'],
        expecting?: Expecting,
      ) => Promise<AnswerOf<At<A, K>, At<O, K>, R>>
}

/** Actions as routes: those on a row, or those on the collection. */
export type ActionNames<B, O, On extends 'row' | 'collection'> = {
  [K in keyof B]: IsCollection<At<O, K>> extends true
    ? On extends 'collection'
      ? K
      : never
    : On extends 'row'
      ? K
      : never
}[keyof B]
/** Status and body of an action's answer. */
export type ActionAnswer<S, On, R extends ResourceTypes> = S extends TSchema
  ? { 200: Static<S> }
  : IsCollection<On> extends true
    ? { 204: void }
    : { 200: R['row'] }
export type ActionPart<X, K> = At<X, K>
