import type { LogLevel } from '#core/ports/logger'
import type { SecurityEventDetails, SecurityEvents, SecurityEventType } from '#core/ports/security-events'
import type { Page, PageRequest } from '../page.ts'

/** An event as it is stored, shown, and handed to `onSecurityEvent`. */
export type StoredSecurityEvent = {
  [Type in SecurityEventType]: {
    readonly id: string
    /** RFC 3339, in UTC. */
    readonly at: string
    readonly type: Type
    /** Whom it is about; `null` when nobody knows. */
    readonly userId: string | null
    /** Who did it: of a caller who acts for another, the one who really acts; `null` for the program itself. */
    readonly actorId: string | null
    readonly sessionId: string | null
    readonly apiKeyId: string | null
    readonly address: string | null
    readonly userAgent: string | null
    readonly requestId: string | null
    readonly tenant: string | null
    readonly details: SecurityEventDetails[Type]
  }
}[SecurityEventType]

/** Which events a list shows, the newest first. */
export interface SecurityEventRequest extends PageRequest {
  readonly userId?: string
  readonly type?: SecurityEventType
  /** The oldest moment that is shown. */
  readonly since?: Date
}

/** The audit stream of security: what is told of it, and what was told. */
export interface AccountSecurityEvents extends SecurityEvents {
  /** The newest first; `after` leads to older ones. */
  list(request?: SecurityEventRequest): Promise<Page<StoredSecurityEvent>>
}

/** How loud the log line of an event is. Every kind has its place here: it is the list of them, too. */
export const levels: Readonly<Record<SecurityEventType, Extract<LogLevel, 'info' | 'warning'>>> = {
  'login.succeeded': 'info',
  'login.failed': 'warning',
  'session.revoked': 'info',
  'refresh.reused': 'warning',
  'token.blacklisted': 'info',
  'password.changed': 'info',
  'password.reset-requested': 'info',
  'email.changed': 'info',
  'email.verified': 'info',
  'user.created': 'info',
  'user.deactivated': 'info',
  'user.activated': 'info',
  'roles.changed': 'info',
  'permissions.changed': 'info',
  'role.changed': 'info',
  'role.deleted': 'info',
  'impersonation.started': 'info',
  'impersonation.stopped': 'info',
  'impersonation.refused': 'warning',
  'api-key.created': 'info',
  'api-key.rotated': 'info',
  'api-key.revoked': 'info',
  'api-key.used': 'info',
  'api-key.refused': 'warning',
  'hash.unreadable': 'warning',
}

export const eventTypes: readonly SecurityEventType[] = Object.keys(levels) as SecurityEventType[]
