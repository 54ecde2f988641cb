import type { Scope } from '../scope.ts'

/** What happened, by kind, with what is told of it beside who and where. No secret is ever among the details. */
export interface SecurityEventDetails {
  'login.succeeded': { readonly method: 'password' | 'email-link' | 'registration' }
  /** `userId` is absent for an unknown address. A wrong password of somebody who is signed in and asked for it is one too. */
  'login.failed': { readonly reason: 'unknown' | 'password' | 'disabled' | 'unverified' | 'throttled' }
  'session.revoked': { readonly reason: 'logout' | 'logout-all' | 'revoked' | 'password' | 'disabled' }
  'refresh.reused': { readonly generation: number; readonly current: number }
  'token.blacklisted': { readonly jti: string }
  'password.changed': { readonly by: 'self' | 'reset' | 'administrator' }
  'password.reset-requested': {}
  'email.changed': { readonly from: string; readonly to: string }
  'email.verified': {}
  'user.created': { readonly by: 'registration' | 'administrator' | 'system' }
  'user.deactivated': {}
  'user.activated': {}
  'roles.changed': { readonly added: readonly string[]; readonly removed: readonly string[]; readonly tenant?: string }
  'permissions.changed': {
    readonly role: string
    readonly added: readonly string[]
    readonly removed: readonly string[]
  }
  /** It is called something else, or was switched off or on; what it grants is told by `permissions.changed`. */
  'role.changed': { readonly role: string; readonly from?: string; readonly isActive?: boolean }
  'role.deleted': { readonly role: string }
  'impersonation.started': { readonly reason: string; readonly seconds: number }
  'impersonation.stopped': {}
  'impersonation.refused': { readonly reason: string }
  'api-key.created': { readonly keyId: string; readonly scopes: readonly string[] }
  'api-key.rotated': { readonly keyId: string; readonly replacedBy: string }
  'api-key.revoked': { readonly keyId: string }
  /** Told when a key is used for the first time, and once an hour after that. */
  'api-key.used': { readonly keyId: string }
  'api-key.refused': { readonly keyId: string; readonly reason: 'revoked' | 'expired' | 'owner' }
  'hash.unreadable': {}
}

export type SecurityEventType = keyof SecurityEventDetails

/** What the teller knows. Who acted and from where is read from the scope. */
export type SecurityEvent = {
  [Type in SecurityEventType]: {
    readonly type: Type
    /** Whom it is about. */
    readonly userId?: string
    /** Who did it, where that is neither the caller nor the one it is about. */
    readonly actorId?: string
    readonly sessionId?: string
    readonly details: SecurityEventDetails[Type]
  }
}[SecurityEventType]

/** The audit stream of security: accounts stores, logs and hands on; whatever does something of the kind tells it. */
export interface SecurityEvents {
  /**
   * Inside a transaction the event is stored with it, or not at all; outside it never fails the work it tells of.
   * @param scope of the request, where there is one
   */
  record(event: SecurityEvent, scope?: Scope): Promise<void>
}
