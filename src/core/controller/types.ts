import type { AnyElysia, Elysia } from 'elysia'
import type {
  BaseMacro,
  ComposeElysiaResponse,
  CreateEden,
  CreateEdenResponse,
  InlineHandler,
  InputSchema,
  IntersectIfObjectSchema,
  JoinPath,
  MacroToContext,
  MergeSchema,
  NonResolvableMacroKey,
  PossibleResponse,
  RouteSchema,
  UnionResponseStatus,
  UnwrapRoute,
} from 'elysia/types'

// Type-level code: it asks Elysia's own types what a route's context and answer are, so that a method sees what a
// `.get()` handler would see. test/types/controllers.ts pins it against real routes.

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The schemas alone: a hook of macros only has nothing in common with `InputSchema`, a weak type. */
type SchemasIn<Input> =
  Pick<Input, Extract<keyof Input, keyof InputSchema>> extends infer S extends InputSchema<any> ? S : {}

type StandaloneOf<E extends AnyElysia> = E['~Metadata']['standaloneSchema'] &
  E['~Ephemeral']['standaloneSchema'] &
  E['~Volatile']['standaloneSchema']

type SchemaOf<E extends AnyElysia, Input extends object, Path extends string> = IntersectIfObjectSchema<
  MergeSchema<
    UnwrapRoute<SchemasIn<Input>, E['~Definitions']['typebox'], Path>,
    MergeSchema<E['~Volatile']['schema'], MergeSchema<E['~Ephemeral']['schema'], E['~Metadata']['schema']>>
  >,
  StandaloneOf<E>
>

type SingletonOf<E extends AnyElysia> = E['~Singleton'] & {
  derive: E['~Ephemeral']['derive'] & E['~Volatile']['derive']
  resolve: E['~Ephemeral']['resolve'] & E['~Volatile']['resolve']
}

type Resolved = RouteSchema & { response: PossibleResponse; return: PossibleResponse; resolve: Record<string, unknown> }
type Empty<K> = K extends 'response' | 'return' | 'resolve' ? {} : unknown
type Filled<C> = {
  [K in keyof Resolved]: K extends keyof C ? (unknown extends C[K] ? Empty<K> : C[K]) : Empty<K>
} extends infer D extends Resolved
  ? D
  : never

type MacrosOf<E extends AnyElysia, Input extends object> = Filled<
  MacroToContext<
    E['~Metadata']['macroFn'],
    Omit<Input, NonResolvableMacroKey> extends infer M extends BaseMacro ? M : {},
    E['~Definitions']['typebox']
  >
>

type Both<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void ? All : never
/** What the values of options hand on by themselves, where a macro's type cannot say it: a macro has one type for all values. */
type HandedBy<Input> = Both<
  { [K in keyof Input]: '~hands' extends keyof Input[K] ? HandsOf<Input[K]> : never }[keyof Input]
>
type HandsOf<V> = V extends { readonly '~hands'?: infer H } ? H : never

/** What a handler of the route gets. */
export type ContextFor<E extends AnyElysia, Path extends string, Input extends object> = HandedBy<Input> &
  HandlerContext<E, Path, Input>
type HandlerContext<E extends AnyElysia, Path extends string, Input extends object> =
  Extract<InlineHandler<SchemaOf<E, Input, Path>, SingletonOf<E>, MacrosOf<E, Input>>, (...a: any) => any> extends (
    context: infer C,
  ) => any
    ? C
    : never

declare const brand: unique symbol
export interface Brand<E extends AnyElysia, M extends Method, Path extends string, Input extends object> {
  app: E
  method: M
  path: Path
  hook: Input
}
type Branded<E extends AnyElysia, M extends Method, Path extends string, Input extends object> = {
  readonly [brand]?: Brand<E, M, Path, Input>
}

/** A route: a value that decorates the method that serves it. */
export interface RouteSpec<E extends AnyElysia, M extends Method, Path extends string, Input extends object> {
  <R>(
    method: (context: ContextFor<E, Path, Input> & Branded<E, M, Path, Input>) => R,
    context: ClassMethodDecoratorContext,
  ): void
  readonly method: M
  readonly path: Path
  readonly hook: Input
  readonly '~brand': Brand<E, M, Path, Input>
}

/** Context of a route: `Ctx<typeof show>`. */
export type Ctx<S> = S extends { readonly '~brand': Brand<infer E, infer M, infer Path, infer Input> }
  ? ContextFor<E, Path, Input> & Branded<E, M, Path, Input>
  : never

type AnswersOf<E extends AnyElysia, Input extends object> = UnionResponseStatus<
  E['~Metadata']['response'],
  UnionResponseStatus<
    E['~Ephemeral']['response'],
    UnionResponseStatus<E['~Volatile']['response'], MacrosOf<E, Input>['return']>
  >
>

type EdenOf<B, R> =
  B extends Brand<infer E, infer M, infer Path, infer Input>
    ? {
        path: Path
        eden: {
          [K in M]: CreateEdenResponse<
            Path,
            SchemaOf<E, Input, Path>,
            MacrosOf<E, Input>,
            ComposeElysiaResponse<
              SchemaOf<E, Input, Path> & MacrosOf<E, Input> & StandaloneOf<E>,
              (context: any) => Awaited<R>,
              AnswersOf<E, Input>
            >
          >
        }
      }
    : never

type Intersected<U> = (U extends any ? (x: U) => void : never) extends (x: infer I) => void ? I : never

/** Eden routes of a class whose methods take `Ctx<typeof spec>`. */
export type RoutesOf<Prefix extends string, T> = Intersected<
  {
    [K in keyof T]: T[K] extends (context: infer C) => infer R
      ? C extends { readonly [brand]?: infer B }
        ? EdenOf<NonNullable<B>, R> extends {
            path: infer P extends string
            eden: infer D extends Record<string, unknown>
          }
          ? CreateEden<JoinPath<Prefix, P>, D>
          : never
        : never
      : never
  }[keyof T]
>

/** A controller as an Elysia instance: the routes of the class with the platform's words. */
export type ControllerApp<Prefix extends string, E extends AnyElysia, T> = Elysia<
  Prefix,
  E['~Singleton'],
  E['~Definitions'],
  E['~Metadata'],
  RoutesOf<Prefix, T> & {}
>

/** What a route spec of the platform takes beside its path. */
export type HookOf<E extends AnyElysia> = E['~Metadata']['macro'] &
  InputSchema<keyof E['~Definitions']['typebox'] & string> & { readonly detail?: object; readonly tags?: string[] }
