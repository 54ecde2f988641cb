/** One message, ready to leave. */
export interface Message {
  /** One address. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** In place of the mailer's own: `'Shop <hello@example.com>'`. */
  readonly from?: string
  /** Where answers go, when not to the sender. */
  readonly replyTo?: string
  /** More headers, by name. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends mail. Adapters come with the email plugin: `smtp()`, `logMailer()`, `memoryMailer()`. */
export interface Mailer {
  /** Resolves when somebody took the message to deliver it. */
  send(message: Message): Promise<void>
  /** Made for development and tests: nothing reaches anybody. `kwik doctor` asks. */
  readonly development?: boolean
  /** Lets go of connections. */
  close?(): Promise<void>
}
