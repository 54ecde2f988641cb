import { type AnyElysia, Elysia, type ElysiaCustomStatusResponse } from 'elysia'
import { anchor, unbooted } from './anchor.ts'
import { rememberDefinition } from './definitions.ts'
import { declares, installs } from './marks.ts'
import type { Definition, Neighbours, Works } from './works.ts'

/** A route option as its callers see it: what it takes, what it adds to the context, what it may answer. */
export interface Macro<
  Option extends {} = {},
  Adds extends Record<string, unknown> = {},
  Answers extends Record<number, unknown> = {},
> {
  option: Option
  adds: Adds
  answers: Answers
}
type AnyMacro = Macro<{}, Record<string, unknown>, Record<number, unknown>>
export interface Parts {
  decorator?: Record<string, unknown>
  derive?: Record<string, unknown>
  macros?: Record<string, AnyMacro>
}
type Part<P, K extends string> = P extends { [_ in K]: infer T extends Record<string, unknown> } ? T : {}
type Option<M> = M extends { option: infer T extends {} } ? T : never
type Adds<M> = M extends { adds: infer T } ? T : {}
type Answers<M> = M extends { answers: infer A }
  ? { [S in keyof A & number]: ElysiaCustomStatusResponse<S, A[S]> }[keyof A & number]
  : never
type MacroFn<M> = (option: Option<M>) => { resolve: () => Adds<M>; beforeHandle: () => Answers<M> | void }

/** The type of a Kwik plugin: an Elysia instance named part by part, short to print and fast to check. */
export type KwikPlugin<P extends Parts> = Elysia<
  '',
  { decorator: Part<P, 'decorator'>; store: {}; derive: Part<P, 'derive'>; resolve: {} },
  { typebox: {}; error: {} },
  {
    schema: {}
    standaloneSchema: {}
    parser: {}
    response: {}
    macro: P extends { macros: infer M } ? { [K in keyof M]?: Option<M[K]> } : {}
    macroFn: P extends { macros: infer M } ? { [K in keyof M]: MacroFn<M[K]> } : {}
  }
>

type KeysOf<Plugin extends AnyElysia> = keyof Plugin['~Metadata']['macro'] & string

export interface PluginOptions<Plugin extends AnyElysia, O> {
  /** Unique in an app: `cache`, `acme-audit`. */
  readonly name: string
  /** Two instances in one app must have equal options. */
  readonly options: O
  /** The route options the plugin owns. */
  readonly keys: readonly KeysOf<Plugin>[]
  /** Options of which each word holds when a guard and a route both say one; of the others the innermost counts. */
  readonly every?: readonly KeysOf<Plugin>[]
  /** Values that every handler finds in its context. */
  readonly decorate?: Plugin['~Singleton']['decorator']
  /** Makes the plugin's state and steps for one app. */
  setup(options: O, neighbours: Neighbours): Works
}

/**
 * Makes a plugin. Its steps are put in place when the app is booted; until then its routes refuse to run. From `kwik/core`.
 *
 * @throws {BootError} at boot, when two plugins claim one route option or one plugin is used twice with different options
 * @example
 * type Teapot = KwikPlugin<{ macros: { teapot: Macro<true> } }>
 * const teapot = definePlugin<Teapot, {}>({
 *   name: 'teapot', options: {}, keys: ['teapot'],
 *   setup: () => ({ options: { teapot: () => ({ load: (scope) => scope.header('x-teapot', 'short') }) } }),
 * })
 */
export function definePlugin<Plugin extends AnyElysia, O>(plugin: PluginOptions<Plugin, O>): Plugin {
  const { name, options, keys, every = [], decorate, setup } = plugin
  const definition: Definition = { name, options, keys, every, setup: (neighbours) => setup(options, neighbours) }
  const app: AnyElysia = new Elysia({ name: `kwik/${name}` })
  rememberDefinition(app, definition)
  anchor(app)
  if (decorate) app.decorate(decorate)
  app.onTransform({ as: 'global' }, Object.assign(unbooted(), { [installs]: definition }))
  for (const key of keys) {
    // `seed` keeps Elysia from turning the option into JSON; an object is answered even for `false`: undefined stops the other macros.
    const macro = (value: unknown) => ({
      seed: key,
      transform: Object.assign(unbooted(), { [declares]: { plugin: name, key, value } }),
    })
    app.macro(key, macro as never)
  }
  return app as Plugin
}
