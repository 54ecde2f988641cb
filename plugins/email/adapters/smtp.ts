import { type Duration, milliseconds } from '#core/internal/duration'
import type { Mailer, Message } from '#core/ports/mailer'
import { MailError, type MailTrouble } from '../mail-error.ts'
import { checkMessage, senderTrouble } from '../message.ts'

/** Options of `smtp()`. */
export interface SmtpOptions {
  readonly host: string
  /** @default 465 with `secure`, else 587 */
  readonly port?: number
  /** With `password`. @default nobody signs in */
  readonly user?: string
  /** From the environment or a vault. It is never logged. */
  readonly password?: string
  /** Who the mail is from: `'Shop <hello@example.com>'`. */
  readonly from: string
  /** TLS from the first byte; `false` begins in the open and demands STARTTLS before anything is said. @default port is 465 */
  readonly secure?: boolean
  /** Send without TLS where the server has none. Only to a server on this machine: passwords and links can be read on the way. @default false */
  readonly allowUnencrypted?: boolean
  /** A certificate authority of your own, as PEM. @default those of the system */
  readonly ca?: string
  /** How long the server may take to answer at all. @default '10s' */
  readonly connectTimeout?: Duration
  /** How long it may be silent after that. @default '30s' */
  readonly timeout?: Duration
}

/** What is used of the optional package. */
interface Transport {
  sendMail(message: object): Promise<{ readonly rejected?: readonly unknown[] }>
  close(): void
}

/**
 * Sends mail by SMTP, with nodemailer. From `kwik/email`. The connection is encrypted, or nothing is sent.
 *
 * @throws {TypeError} for options that cannot hold; `send` throws {@link MailError} with `trouble`
 * @example
 * const mailer = smtp({ host: 'mail.example.com', user: 'app', password: 'from a vault', from: 'Shop <hello@example.com>' })
 * @see https://www.rfc-editor.org/rfc/rfc5321
 */
export function smtp(options: SmtpOptions): Mailer {
  const { host, port, user, password, from, secure = port === 465, allowUnencrypted = false, ca } = options
  if (host === '') throw new TypeError('smtp: host is missing')
  if ((user === undefined) !== (password === undefined)) throw new TypeError('smtp: user and password go together')
  const trouble = senderTrouble(from)
  if (trouble !== undefined) throw new TypeError(`smtp: ${trouble}`)
  const [connectTimeout, timeout] = [
    milliseconds(options.connectTimeout ?? '10s'),
    milliseconds(options.timeout ?? '30s'),
  ]
  const settings = {
    host,
    port: port ?? (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !allowUnencrypted,
    ...(user !== undefined && { auth: { user, pass: password } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: connectTimeout,
    greetingTimeout: connectTimeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  }
  let transport: Promise<Transport> | undefined
  return {
    async send(message) {
      checkMessage(message)
      transport ??= open(settings)
      const sent = await (await transport).sendMail(mailOf(message, from)).catch((error) => {
        throw failureOf(error)
      })
      // A server that takes a message for nobody is no failure to nodemailer.
      if ((sent.rejected?.length ?? 0) > 0) throw new MailError('refused', 'the server refused the recipient')
    },
    async close() {
      ;(await transport)?.close()
    },
  }
}

async function open(settings: object): Promise<Transport> {
  const { createTransport } = await import('nodemailer').catch((error) => {
    throw new Error('smtp() needs the package nodemailer: install it', { cause: error })
  })
  return createTransport(settings) as Transport
}

const mailOf = ({ to, subject, text, html, from, replyTo, headers }: Message, usual: string): object => ({
  from: from ?? usual,
  to,
  subject,
  text,
  ...(html !== undefined && { html }),
  ...(replyTo !== undefined && { replyTo }),
  ...(headers !== undefined && { headers }),
})

interface SmtpFailure {
  readonly message?: string
  readonly code?: string
  readonly responseCode?: number
  readonly command?: string
}

/** What nodemailer says has what the server said, and may have what we said: only codes are taken over. */
function failureOf({ message = '', code = 'unknown', responseCode, command }: SmtpFailure): MailError {
  const said = [code, responseCode, command && `at ${command.split(' ')[0]}`].filter(Boolean).join(' ')
  // What a runtime calls a certificate that it does not trust is in its words alone.
  const untrusted = responseCode === undefined && /certificate|self.signed/i.test(message)
  return new MailError(untrusted ? 'encryption' : troubleOf(code, responseCode, command), said)
}

function troubleOf(code: string, responseCode: number | undefined, command: string | undefined): MailTrouble {
  if (code === 'EAUTH' || code === 'ENOAUTH' || responseCode === 535 || responseCode === 530) return 'credentials'
  if (code === 'ETLS') return 'encryption'
  if (responseCode !== undefined) return responseCode < 500 ? 'busy' : 'refused'
  // Silence after the message itself: it may have been taken.
  if (command === 'DATA') return 'unsure'
  return ['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'EDNS', 'ECONNREFUSED', 'ENOTFOUND', 'EPROTOCOL'].includes(code)
    ? 'unreachable'
    : 'unsure'
}
