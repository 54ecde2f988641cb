import { looksAtScope } from '#core/phases'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { KeyRing } from './cursor.ts'
import { resolveKeys, resolveRules, type ShapingOptions } from './options.ts'
import { rememberRing } from './rings.ts'
import { TableShape } from './shape.ts'
import type { AnyShape, FilterOnly } from './types.ts'

/** The route option `shape`; it comes with `...list.hook`. */
export type ShapingPlugin = KwikPlugin<{ macros: { shape: Macro<AnyShape | FilterOnly, {}, { 400: Problem }> } }>

/**
 * Lets routes take lists: refuses wrong queries before the handler and signs cursors. From `kwik/shaping`.
 *
 * @param options.keys secrets for cursors, the newest first; random for each process by default
 * @param options.cursors how long cursors hold, and for whom
 * @param options.baseUrl where clients reach the app, for absolute links
 * @throws {BootError} at boot, when a key is too short, `baseUrl` is none or `shape` is not what `shape()` made
 * @example
 * new Elysia().use(shaping({ keys: [process.env.CURSOR_KEY!] }))
 *   .get('/products', ({ request }) => productList.from({ request }).page(db), productList.hook)
 */
export function shaping(options: ShapingOptions = {}): ShapingPlugin {
  return definePlugin<ShapingPlugin, ShapingOptions>({
    name: 'shaping',
    options,
    keys: ['shape'],
    setup: (given) => {
      const ring = new KeyRing(resolveKeys(given), resolveRules(given))
      return {
        booted: ({ root }) => rememberRing(root, ring),
        options: {
          shape: (list: unknown, route: RouteFacts) => {
            const [shape, mode] = isFilterOnly(list)
              ? ([list.filterOnly, 'filter'] as const)
              : ([list, 'list'] as const)
            if (!(shape instanceof TableShape)) throw new Error('`shape` takes what shape() made: spread its hook')
            if (mode === 'list' && route.method !== 'GET')
              throw new Error(`a list is read with GET, not ${route.method}`)
            // Relations to shapes that are declared later in a file are looked up here: a mistake in them is told at boot.
            void shape.hook
            return { load: looksAtScope((scope: Scope) => shape.load(scope, ring, mode)) }
          },
        },
      }
    },
  })
}

const isFilterOnly = (given: unknown): given is FilterOnly =>
  typeof given === 'object' && given !== null && !(given instanceof TableShape) && 'filterOnly' in given
