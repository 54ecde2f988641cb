import type { Scope } from '#core/scope'

/** Says for which tenant a request is; it sees who calls, and does not wait. */
export type TenantResolver = (scope: Scope) => string | undefined

/** What holds wherever the tenant is named. */
interface TenantRules {
  /** Refuse requests that name no tenant, on every route that needs a caller; `tenant: false` on a route lets it be. @default false */
  readonly required?: boolean
}

/** The tenant is named by a header. */
export interface HeaderTenantOptions extends TenantRules {
  readonly by: 'header'
  /** Name of the header. @default 'x-tenant' */
  readonly name?: string
}

/** The tenant is a part of the host: `acme.example.com`. */
export interface HostTenantOptions extends TenantRules {
  readonly by: 'host'
  /** `*` stands for the tenant: `'*.example.com'`. */
  readonly pattern: string
  /** Names in its place that are no tenants: `['www', 'api']`. @default none */
  readonly except?: readonly string[]
}

/** The tenant is the one that the caller's session was begun for. */
export interface ClaimTenantOptions extends TenantRules {
  readonly by: 'claim'
}

/** The tenant is what a function says. Believe nothing that a client may write: say who belongs where in `Account.tenants`. */
export interface FunctionTenantOptions extends TenantRules {
  readonly by: TenantResolver
}

/** Options of `tenants()`. */
export type TenantsOptions = HeaderTenantOptions | HostTenantOptions | ClaimTenantOptions | FunctionTenantOptions

export interface ResolvedTenantsOptions {
  readonly find: TenantResolver
  readonly required: boolean
  /** The header that answers vary by. */
  readonly header: string | undefined
  /** Whether the app itself answers for what it says, where accounts say nothing of tenants. */
  readonly trusted: boolean
  /** What a client must do that named none. */
  readonly how: string
}

/** @throws {TypeError} for a header or a pattern that is none */
export function resolveTenantsOptions(options: TenantsOptions): ResolvedTenantsOptions {
  const { by, required = false } = options
  if (by === 'header') {
    const { name = 'x-tenant' } = options as HeaderTenantOptions
    if (!/^[a-z0-9-]+$/i.test(name)) throw new TypeError(`tenant: "${name}" is no name of a header`)
    const header = name.toLowerCase()
    return {
      find: ({ request }) => request.headers.get(header)?.trim() || undefined,
      required,
      header,
      trusted: false,
      how: `Name it in the header ${name}.`,
    }
  }
  if (by === 'host') {
    const { pattern, except = [] } = options as HostTenantOptions
    return { find: byHost(pattern, except), required, header: undefined, trusted: false, how: `Ask ${pattern}.` }
  }
  if (by === 'claim') {
    const how = 'Sign in for a tenant.'
    return { find: ({ principal }) => principal?.tenant, required, header: undefined, trusted: true, how }
  }
  if (typeof by !== 'function') throw new TypeError("tenant: by is 'header', 'host', 'claim' or a function")
  const how = 'Say for which tenant it is.'
  return { find: (scope) => by(scope) || undefined, required, header: undefined, trusted: true, how }
}

function byHost(pattern: string, except: readonly string[]): TenantResolver {
  if (!/^\*(\.[a-z0-9-]+)+$/i.test(pattern ?? ''))
    throw new TypeError(`tenant: pattern: ${JSON.stringify(pattern)} is none: write '*.example.com'`)
  const ending = pattern.slice(1).toLowerCase()
  const others = new Set(except.map((one) => one.toLowerCase()))
  return (scope) => {
    const name = hostOf(scope)
    if (!name.endsWith(ending)) return undefined
    const tenant = name.slice(0, -ending.length)
    return tenant === '' || tenant.includes('.') || others.has(tenant) ? undefined : tenant
  }
}

/** The host that the client asked, as far as a trusted proxy says it; without port, and without the dot of a whole name. */
function hostOf({ publicBase, request: { url } }: Scope): string {
  const whole = publicBase.startsWith('http') ? publicBase : url
  const from = whole.indexOf('://') + 3
  const end = whole.indexOf('/', from)
  return (end === -1 ? whole.slice(from) : whole.slice(from, end)).toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}
