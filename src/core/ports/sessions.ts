import type { ProblemError } from '../problem.ts'
import type { Scope } from '../scope.ts'

/** Whom a session is for: somebody who just proved who they are. */
export interface SessionSubject {
  readonly id: string
  readonly tokenVersion: number
  /** The tenant that the session is bound to, where tenants are told by the token. */
  readonly tenant?: string
  /** Who really acts (RFC 8693, `act`): such a session cannot be refreshed and ends after `ttl`. */
  readonly actor?: { readonly id: string; readonly tokenVersion: number; readonly sessionId?: string }
  /** Seconds until the session ends, of one with an actor. */
  readonly ttl?: number
  /** Why somebody acts for another. */
  readonly reason?: string
}

/** What a client gets at sign-in and refresh, as the body of the answer. With cookies the refresh token is not in it. */
export interface TokenAnswer {
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  /** Seconds for which the access token is good. */
  readonly expiresIn: number
  readonly refreshToken?: string
  /** Seconds for which the refresh token is good, unless it is used. */
  readonly refreshExpiresIn?: number
}

/** One session as its owner sees it. */
export interface SessionInfo {
  readonly id: string
  readonly userId: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
  readonly address: string | null
  readonly userAgent: string | null
  /** Who acts in it for its owner. */
  readonly actorId: string | null
}

/** Sessions: tokens keeps them, accounts begins and ends them. */
export interface Sessions {
  /**
   * What speaks against beginning a session for this request, before a password is looked at: another site, that would sign
   * its visitor in as somebody of its choice.
   */
  refusal?(scope: Scope): ProblemError | undefined
  /** Begins a session, and sets the cookies of the answer where the app uses them. */
  begin(scope: Scope, subject: SessionSubject): Promise<TokenAnswer & { readonly sessionId: string }>
  /** The sessions of somebody that are still good, the newest first. */
  list(userId: string): Promise<readonly SessionInfo[]>
  /** Ends one session. @returns whether there was one */
  revoke(sessionId: string): Promise<boolean>
  /**
   * Ends all sessions of somebody, but for one; inside a transaction it holds when that is committed.
   * @param except the session that goes on, under the account's new token version
   * @param reason what security events say of it
   * @returns how many there were
   */
  revokeAll(
    userId: string,
    except?: { readonly sessionId: string; readonly tokenVersion: number },
    reason?: 'logout-all' | 'revoked' | 'password' | 'disabled',
  ): Promise<number>
}
