/** A token that was just issued. */
export interface IssuedToken {
  readonly token: string
  /** Seconds for which it is good. */
  readonly expiresIn: number
}

/** Whom a token is for. */
export interface TokenSubject {
  readonly id: string
  readonly tokenVersion: number
  /** The session that it belongs to; where an app has sessions, no other token is taken. */
  readonly sessionId?: string
  /** Who really acts (RFC 8693, `act`). */
  readonly actorId?: string
  /** The only tenant that it is good for. */
  readonly tenant?: string
}

/** Issues access tokens: tokens gives it, accounts uses it after a login. */
export interface TokenIssuer {
  issue(subject: TokenSubject): Promise<IssuedToken>
}
