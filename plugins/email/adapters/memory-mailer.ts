import type { Mailer, Message } from '#core/ports/mailer'
import { checkMessage } from '../message.ts'

/** A mailer that keeps what it was given. */
export interface MemoryMailer extends Mailer {
  /** Every message, the oldest first. */
  readonly sent: readonly Message[]
  /** The newest message to an address. */
  lastTo(address: string): Message | undefined
  clear(): void
}

/**
 * Keeps mail in memory: for tests, which look at what would have left. From `kwik/email`.
 *
 * @example
 * const mailer = memoryMailer()
 * await mailer.send({ to: 'ada@example.com', subject: 'Hello', text: 'Hello, Ada.' })
 * mailer.lastTo('ada@example.com')?.subject // Hello
 */
export function memoryMailer(): MemoryMailer {
  const sent: Message[] = []
  return {
    sent,
    development: true,
    async send(message) {
      checkMessage(message)
      sent.push(message)
    },
    lastTo: (address) => sent.findLast(({ to }) => to === address),
    clear: () => void sent.splice(0),
  }
}
