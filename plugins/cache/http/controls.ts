import { credentialHeaders } from '#core/internal/vary'
import type { Lifetime } from '../engine/index.ts'
import type { RouteRules } from './rules.ts'

/** What answers of a route say to caches between us and the client (RFC 9111). */
export interface Controls {
  /** The `Vary` of an answer whose handler says none. */
  readonly vary: string | undefined
  /** Whether `Age` means something beside {@link of}. */
  readonly saysAge: boolean
  /** Cache-Control, where the handler says none. */
  of(life: Lifetime): string
}

/**
 * - What depends on the caller, or is for those who are let in: `private, no-cache`. A proxy asks nobody who they are.
 * - What a tag may end: `public, no-cache`. Who keeps it asks each time, and gets 304.
 * - Else `public, max-age`: it holds for as long as it does here, and `Age` says how much of that has gone.
 *
 * `maxAge` decides otherwise, from when the client gets it: then nothing is said of its age.
 */
export function controlsOf(rules: RouteRules): Controls {
  const { audience, guarded, shared, ofTenant, tags, maxAge, vary, languages } = rules
  const whose = audience === 'everybody' && !guarded ? 'public' : 'private'
  const ends = typeof tags === 'function' || typeof tags === 'string' || tags.length > 0
  const asks = maxAge === undefined && (whose === 'private' || ends)
  const names = [...vary, ...(languages.length > 0 ? ['Accept-Language'] : [])]
  // Who sends credentials goes past the cache here, or has those of their tenant: so it is with caches between us, where they
  // do not ask.
  if (whose === 'public' && (!shared || ofTenant) && !asks) names.push(...credentialHeaders)
  return {
    vary: names.length === 0 ? undefined : names.join(', '),
    saysAge: maxAge === undefined,
    of: ({ fresh, swr }) => {
      if (asks) return `${whose}, no-cache`
      if (maxAge !== undefined) return `${whose}, max-age=${maxAge}`
      const stale = Math.floor(swr / 1000)
      return `public, max-age=${Math.floor(fresh / 1000)}${stale > 0 ? `, stale-while-revalidate=${stale}` : ''}`
    },
  }
}
