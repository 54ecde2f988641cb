import { looksAtScope } from '#core/phases'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import { type Problem, ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { KeyRing } from './cursor/cursor.ts'
import { rememberRing } from './cursor/rings.ts'
import { resolveKeys, resolveRules, type ShapingOptions } from './options.ts'
import { type Mode, TableShape } from './shape.ts'
import type { AnyShape, ExportOnly, ExportRules, FilterOnly } from './types.ts'

/** The route option `shape`; it comes with `...list.hook`. */
export type ShapingPlugin = KwikPlugin<{
  macros: { shape: Macro<AnyShape | FilterOnly | ExportOnly, {}, { 400: Problem }> }
}>

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
            const { shape, mode, rules } = askedBy(list)
            if (!(shape instanceof TableShape)) throw new Error('`shape` takes what shape() made: spread its hook')
            if (mode !== 'filter' && route.method !== 'GET')
              throw new Error(`${mode === 'list' ? 'a list' : 'an export'} is read with GET, not ${route.method}`)
            // Relations to shapes that are declared later in a file are looked up here: a mistake in them is told at boot.
            void shape.hook
            return {
              load: looksAtScope((scope: Scope) => {
                if (mode === 'list' && ring.rules.baseUrl === undefined) saysBase(scope)
                const made = shape.load(scope, ring, mode, rules)
                return made instanceof ProblemError ? made : { list: made }
              }),
            }
          },
        },
      }
    },
  })
}

/** Links are absolute where a trusted proxy says its name: a page that was made for one name is none for another. */
function saysBase(scope: Scope): void {
  const { publicBase } = scope
  if (publicBase === '') return
  const said = `\nbase ${publicBase}`
  if (!scope.variant.endsWith(said)) scope.variant += said
}

interface Asked {
  readonly shape: unknown
  readonly mode: Mode
  readonly rules?: ExportRules
}

function askedBy(given: unknown): Asked {
  if (typeof given !== 'object' || given === null || given instanceof TableShape) return { shape: given, mode: 'list' }
  const { filterOnly, exportOnly, rules } = given as Partial<FilterOnly & ExportOnly>
  if (exportOnly) return { shape: exportOnly, mode: 'export', ...(rules && { rules }) }
  return { shape: filterOnly, mode: 'filter' }
}
