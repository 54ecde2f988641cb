/** A token that was just issued. */
export interface IssuedToken {
  readonly token: string
  /** Seconds for which it is good. */
  readonly expiresIn: number
}

/** Issues access tokens: tokens gives it, accounts uses it after a login. */
export interface TokenIssuer {
  issue(subject: {
    readonly id: string
    readonly tokenVersion: number
    /** The only tenant that it is good for. */
    readonly tenant?: string
  }): Promise<IssuedToken>
}
