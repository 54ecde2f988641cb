import type { Message } from '#core/ports/mailer'
import { MailError } from './mail-error.ts'

/** One mailbox and nothing else: a comma, a group or a name would be more recipients, or others. */
const address = /^[^\s@,;:<>()[\]\\"\p{Cc}]+@[^\s@,;:<>()[\]\\"\p{Cc}]+$/u
const longest = 254
const headerName = /^[!-9;-~]+$/
/** Said by fields of the message, or by the mailer itself. */
const own: ReadonlySet<string> = new Set(['from', 'to', 'cc', 'bcc', 'subject', 'reply-to', 'content-type', 'date'])

/** Whether a text is one address that mail can go to. */
const isAddress = (text: string): boolean => text.length <= longest && address.test(text)

/** `Shop <hello@example.com>`, or the address alone. */
const addressOf = (sender: string): string => /^[^<>\r\n]*<([^<>]+)>$/.exec(sender)?.[1] ?? sender

const isSender = (text: string): boolean => !/[\r\n\0]/.test(text) && isAddress(addressOf(text))

/** What is wrong with the sender that an app is configured with, if anything. */
export const senderTrouble = (from: string): string | undefined =>
  isSender(from) ? undefined : `from: "${from}" is no sender: write 'hello@example.com' or 'Shop <hello@example.com>'`

/**
 * Looks at a message before it leaves: one recipient, no line break in a header.
 * @throws {MailError} `message`, naming what is wrong
 */
export function checkMessage({ to, from, replyTo, subject, headers = {} }: Message): void {
  if (!isAddress(to)) throw unfit('to must be one address')
  if (from !== undefined && !isSender(from)) throw unfit('from must be one address, with or without a name')
  if (replyTo !== undefined && !isSender(replyTo)) throw unfit('replyTo must be one address, with or without a name')
  if (/[\r\n\0]/.test(subject)) throw unfit('subject must be one line')
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || own.has(name.toLowerCase()))
      throw unfit(`${JSON.stringify(name)} cannot be a header of its own`)
    if (/[\r\n\0]/.test(value)) throw unfit(`the header ${name} must be one line`)
  }
}

const unfit = (why: string): MailError => new MailError('message', why)
