import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

/** What accounts and mailers may say of themselves. */
interface Telling {
  readonly registration?: { readonly verify: boolean }
  readonly mailer?: Mailing
}
interface Mailing {
  /** Made for development: it writes mails down and sends none. */
  readonly development?: boolean
}

/** People who sign in. */
export const accounts: Check = ({ options, production }) => {
  if (!production || options?.accounts === undefined) return []
  const found: Finding[] = []
  const { registration, mailer } = options.accounts as Telling
  const sends = mailer ?? (options as { readonly mailer?: Mailing }).mailer
  if (registration?.verify === false) found.push(finding('register-unverified', 'accounts', 'anybody may register'))
  if (sends?.development === true) found.push(finding('mailer-log', 'mailer', 'it writes mails into the log'))
  if (options.rateLimit === undefined)
    found.push(finding('limits-missing', 'rateLimit', 'there is none, and people sign in'))
  return found
}
