import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

/** People who sign in. */
export const accounts: Check = ({ options, production }) => {
  if (!production || options?.accounts === undefined) return []
  const found: Finding[] = []
  const { registration } = options.accounts
  if (registration?.verify === false) found.push(finding('register-unverified', 'accounts', 'anybody may register'))
  if (options.mailer?.development) found.push(finding('mailer-log', 'mailer', 'nothing that it takes reaches anybody'))
  if (options.rateLimit === undefined)
    found.push(finding('limits-missing', 'rateLimit', 'there is none, and people sign in'))
  return found
}
