import type { DocumentVersions } from '#core/ports/document-versions'
import type { Way } from '#core/scope'
import type { SecurityScheme } from './security.ts'

/** What the API document says of the app, and where it is served. */
export interface OpenApiOptions {
  /** Name of the API. @default 'API' */
  readonly title?: string
  /** Version of the API, not of OpenAPI. @default '1.0.0' */
  readonly version?: string
  /** What the API is for. CommonMark. */
  readonly description?: string
  /** Where the API is reached. @default the host that served the document */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[]
  /** What groups of operations are for. A route is in the groups of its `detail.tags`, else in that of its first path segment. */
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  /** Path of the page; the document is at `<path>/json`. @default '/openapi' */
  readonly path?: string
  /** The same a second time, for those who know it by that name; `false` for none. @default '/swagger' */
  readonly alias?: string | false
  /** Serve the page beside the document. @default true */
  readonly page?: boolean
  /** Let anybody read the document. It names every path and permission of the app: say `false` where that is a secret. @default true */
  readonly public?: boolean
  /** Ask for this permission instead of letting anybody read. */
  readonly permission?: string
  /** How credentials are sent, where it is not as usual: another cookie, another header. */
  readonly security?: Partial<Readonly<Record<Way, SecurityScheme>>>
  /** A document of each version, at `<path>/v1/json`. @default those of `kwik({ versions })` */
  readonly versions?: DocumentVersions
}

export interface ResolvedOpenApiOptions {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly servers: NonNullable<OpenApiOptions['servers']>
  readonly tags: NonNullable<OpenApiOptions['tags']>
  readonly paths: readonly string[]
  readonly page: boolean
  readonly access: { readonly public: true } | { readonly auth: true } | { readonly permission: string }
  readonly security: Partial<Readonly<Record<Way, SecurityScheme>>>
  readonly versions?: DocumentVersions
}

export function resolveOpenApiOptions(options: OpenApiOptions): ResolvedOpenApiOptions {
  const { title = 'API', version = '1.0.0', description, path = '/openapi', alias = '/swagger' } = options
  const { permission, page = true, servers = [], tags = [], security = {} } = options
  const open = options.public ?? permission === undefined
  if (open && permission !== undefined) throw new TypeError('openapi: `public: true` and `permission` contradict')
  const paths = [path, ...(alias === false || alias === path ? [] : [alias])]
  for (const one of paths)
    if (!/^(\/[\w.~-]+)+$/.test(one)) throw new TypeError(`openapi: "${one}" is no path such as '/openapi'`)
  return {
    info: { title, version, ...(description !== undefined && { description }) },
    servers,
    tags,
    paths,
    page,
    access: open ? { public: true } : permission === undefined ? { auth: true } : { permission },
    security,
    ...(options.versions && { versions: options.versions }),
  }
}
