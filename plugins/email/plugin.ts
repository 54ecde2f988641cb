import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Mailer } from '#core/ports/mailer'

/** The type of {@link email}. */
export type EmailPlugin = KwikPlugin<{ decorator: { mailer: Mailer } }>

/** Options of `email()`. */
export interface EmailOptions {
  /** What mail leaves by: `smtp({...})`, `logMailer()`, `memoryMailer()`, or your own. */
  readonly mailer: Mailer
}

/**
 * Hands the mailer to handlers as `mailer`, and closes it when the app stops. From `kwik/email`.
 *
 * @example
 * const app = new Elysia().use(core()).use(email({ mailer: memoryMailer() }))
 *   .post('/hello', async ({ mailer }) => {
 *     await mailer.send({ to: 'ada@example.com', subject: 'Hello', text: 'Hello, Ada.' })
 *     return 'sent'
 *   }, { public: true })
 */
export function email({ mailer }: EmailOptions): EmailPlugin {
  return definePlugin<EmailPlugin, EmailOptions>({
    name: 'email',
    options: { mailer },
    keys: [],
    decorate: { mailer },
    setup: () => ({ stop: () => mailer.close?.() }),
  })
}
