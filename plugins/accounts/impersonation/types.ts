import type { Duration } from '#core/internal/duration'

export interface ImpersonationRequest {
  /** For whoever reads the events later. */
  readonly reason: string
  /** How long it lasts: an hour at most. */
  readonly ttl?: Duration
}

/** Who is whom, of a caller. Times are RFC 3339, in UTC. */
export interface Impersonation {
  readonly impersonating: boolean
  /** Whom the caller is taken for. */
  readonly user: { readonly id: string; readonly email: string }
  /** Who really acts. */
  readonly actor?: { readonly id: string; readonly email: string }
  readonly since?: string
  readonly until?: string
  readonly reason?: string
}
