import { createHash } from 'node:crypto'
import type { AnyElysia } from 'elysia'
import { modelsOf } from '#core/elysia/door'
import { isKnownTag } from '#core/internal/etags'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Neighbours, RouteFacts } from '#core/works'
import type { OpenApiDocument } from './document.ts'
import { type OpenApiOptions, type ResolvedOpenApiOptions, resolveOpenApiOptions } from './options.ts'
import { pageOf } from './page/page.ts'
import { rememberDocument } from './registry.ts'
import { documentIn, versionsOf } from './versions.ts'

export type OpenApiPlugin = KwikPlugin<{}>

/** A file that is made in memory. */
interface Made {
  readonly text: string
  readonly etag: string
}

/**
 * Serves the API document of an app (OpenAPI 3.1) at `/openapi/json` and a page to read it at `/openapi`;
 * the same at `/swagger`. From `kwik/openapi`.
 *
 * @throws {TypeError} for a path that is none, or `public: true` together with `permission`
 * @example
 * const app = new Elysia()
 *   .use(openapi({ title: 'Shop', version: '2.1.0' }))
 *   .get('/products', () => [], { detail: { summary: 'All products' } })
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openapi(options: OpenApiOptions = {}): OpenApiPlugin {
  const resolved = resolveOpenApiOptions(options)
  return definePlugin<OpenApiPlugin, OpenApiOptions>({
    name: 'openapi',
    options,
    keys: [],
    setup: (_, neighbours) => {
      // Filled while boot plans the routes: the document is made of it when it is first asked for.
      const routes: RouteFacts[] = []
      return {
        always: (route) => {
          routes.push(route)
          return {}
        },
        routes: (own, root) => serve(own, root, routes, resolved, neighbours),
      }
    },
  })
}

function serve(
  own: AnyElysia,
  root: AnyElysia,
  routes: readonly RouteFacts[],
  options: ResolvedOpenApiOptions,
  neighbours: Neighbours,
): void {
  const access = Object.entries(options.access).filter(([key]) => key !== 'public' || neighbours.knows('public'))
  const said = { ...Object.fromEntries(access), detail: { hide: true } } as never
  const make = (version?: string): OpenApiDocument => {
    const ways = [...new Set(neighbours.authenticators().map((one) => one.way))].sort()
    return documentIn({ routes, models: modelsOf(root), ways }, options, version)
  }
  rememberDocument(root, make)
  const known = new Map<string | undefined, { readonly made: Made; readonly routes: number }>()
  const json = (version?: string): Made => {
    // Routes may come later, with a lazy module: then it is made again.
    const last = known.get(version)
    if (last?.routes === routes.length) return last.made
    const made = madeOf(JSON.stringify(make(version)))
    known.set(version, { made, routes: routes.length })
    return made
  }
  const { html: text, policy } = pageOf(options.info.title)
  const page = madeOf(text)
  const [type, html] = ['application/json', 'text/html; charset=utf-8']
  for (const path of options.paths) {
    own.get(`${path}/json`, ({ request, set }) => answer(request, set, json(), type), said)
    for (const version of versionsOf(options)) {
      own.get(`${path}/v${version}/json`, ({ request, set }) => answer(request, set, json(version), type), said)
      if (options.page)
        own.get(`${path}/v${version}`, ({ request, set }) => answer(request, set, page, html, policy), said)
    }
    if (options.page) own.get(path, ({ request, set }) => answer(request, set, page, html, policy), said)
  }
}

function madeOf(text: string): Made {
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/** 304 when the client has it already (RFC 9110, 13.1.2). */
function answer(
  request: Request,
  set: { headers: Record<string, unknown> },
  { text, etag }: Made,
  type: string,
  policy?: string,
): Response | string {
  const headers = {
    'content-type': type,
    etag,
    'cache-control': 'no-cache',
    ...(policy !== undefined && { 'content-security-policy': policy }),
  }
  if (isKnownTag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  Object.assign(set.headers, headers)
  return text
}
