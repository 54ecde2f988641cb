import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { RouteFacts } from '#core/works'
import { packed } from './answer.ts'
import { available } from './encoders.ts'
import {
  type CompressionOptions,
  type ResolvedCompressionOptions,
  type RouteCompression,
  resolveCompressionOptions,
} from './options.ts'

export type CompressionPlugin = KwikPlugin<{ macros: { compression: Macro<RouteCompression | boolean> } }>

/**
 * Makes answers smaller for clients that take them so: zstd, brotli or gzip, as they like best. Streams, small answers and
 * what is packed already are left as they are. From `kwik/compression`.
 *
 * Behind a proxy that compresses, leave it off.
 * @throws {BootError} at boot, for an encoding or a size that is none
 * @example
 * const app = new Elysia()
 *   .use(compression({ threshold: '2KB' }))
 *   .get('/report', () => rows, { public: true })
 *   .get('/secret', () => page, { public: true, compression: false })
 */
export function compression(options: CompressionOptions = {}): CompressionPlugin {
  return definePlugin<CompressionPlugin, CompressionOptions>({
    name: 'compression',
    options,
    keys: ['compression'],
    setup: () => {
      const common = resolveCompressionOptions(options, available)
      const ofRoute = new Map<string, ResolvedCompressionOptions | false>()
      return {
        always: (route) => {
          const own = wordOf(route, options)
          if (own !== undefined) ofRoute.set(`${route.method} ${route.path}`, own)
          return {}
        },
        // So that small answers are known without reading them.
        open: (scope) => {
          scope.weighs = true
        },
        respond: (scope, response) => {
          const own = scope.route === undefined ? undefined : ofRoute.get(scope.route)
          return own === false ? undefined : packed(scope, response, own ?? common)
        },
      }
    },
  })
}

function wordOf({ options }: RouteFacts, common: CompressionOptions): ResolvedCompressionOptions | false | undefined {
  const said = options['compression'] as RouteCompression | boolean | undefined
  if (said === undefined || said === true) return undefined
  return said === false ? false : resolveCompressionOptions({ ...common, ...said }, available)
}
