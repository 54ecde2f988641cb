import type { Mailer } from '#core/ports/mailer'
import { checkMessage } from '../message.ts'

export interface LogMailerOptions {
  /** Takes each mail as text. A logger of Kwik would mask the links that it is there for. @default standard error */
  readonly write?: (text: string) => void
  /**
   * Allow it in production, where whoever reads the log can follow the links of others: reset their passwords.
   * @default false
   */
  readonly allowInProduction?: boolean
}

/**
 * Writes mail to standard error in place of sending it: for development, where links are followed from the terminal. From `kwik/email`.
 *
 * @throws {TypeError} in production (NODE_ENV or KWIK_PROFILE): a log must not have links that sign somebody in
 * @example
 * const mailer = logMailer()
 */
export function logMailer({ write = console.error, allowInProduction = false }: LogMailerOptions = {}): Mailer {
  if (!allowInProduction && isProduction())
    throw new TypeError(
      'logMailer() would write links that reset passwords to the log of production: use smtp({...}), or say allowInProduction',
    )
  return {
    development: true,
    async send(message) {
      checkMessage(message)
      const { to, subject, text } = message
      write(`mail to ${to}: ${subject}\n\n${text}\n`)
    },
  }
}

const isProduction = (): boolean => [process.env['NODE_ENV'], process.env['KWIK_PROFILE']].includes('production')
