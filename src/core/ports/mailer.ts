/** One message, ready to leave. */
export interface Message {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** Sends mail. Adapters come with the email plugin. */
export interface Mailer {
  send(message: Message): Promise<void>
}
