import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { RouteFacts } from '#core/works'
import { KeyRing } from './cursor.ts'
import { resolveKeys, type ShapingOptions } from './options.ts'
import { rememberRing } from './rings.ts'
import { TableShape } from './shape.ts'
import type { AnyShape } from './types.ts'

/** The route option `shape`; it comes with `...list.hook`. */
export type ShapingPlugin = KwikPlugin<{ macros: { shape: Macro<AnyShape, {}, { 400: Problem }> } }>

/**
 * Lets routes take lists: refuses wrong queries before the handler and signs cursors. From `kwik/shaping`.
 *
 * @param options.keys secrets for cursors, the newest first; random for each process by default
 * @throws {BootError} at boot, when a key is too short or `shape` is not what `shape()` made
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
      const ring = new KeyRing(resolveKeys(given))
      return {
        booted: ({ root }) => rememberRing(root, ring),
        options: {
          shape: (list: unknown, route: RouteFacts) => {
            if (!(list instanceof TableShape)) throw new Error('`shape` takes what shape() made: spread its hook')
            if (route.method !== 'GET') throw new Error(`a list is read with GET, not ${route.method}`)
            return { load: (scope) => list.load(scope, ring) }
          },
        },
      }
    },
  })
}
