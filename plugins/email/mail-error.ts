/**
 * Why a message did not leave: `message` what it is, `refused` the server said no for good, `busy` it said not now,
 * `unreachable` nobody answered, `unsure` the line broke when it may have been taken, `credentials` and `encryption` how
 * the mailer is set up.
 */
export type MailTrouble = 'message' | 'refused' | 'busy' | 'unreachable' | 'unsure' | 'credentials' | 'encryption'

/** A message did not leave, or it is not known that it did. Neither the message nor a password is in it. */
export class MailError extends Error {
  override readonly name = 'MailError'
  readonly trouble: MailTrouble

  constructor(trouble: MailTrouble, reason: string) {
    super(`mail did not leave: ${reason}`)
    this.trouble = trouble
  }
}
