import type { TokenPurpose } from './account-tokens.ts'

/**
 * Where the links of mails lead: pages of the app that send the token back. Each has `{token}` in its place. They are
 * settings, never made of a request: whoever writes its Host would choose where a token goes.
 */
export interface AccountLinks {
  /** Page for a new password: `'https://app.example.com/reset#token={token}'`. Sends it to `POST /auth/reset-password`. */
  readonly reset?: string
  /** Page that ends a registration. Sends the token to `POST /auth/verify-email`. */
  readonly verify?: string
  /** Page that confirms a new address. Sends the token to `POST /auth/confirm-email`. */
  readonly email?: string
}

export type LinkMakers = Readonly<Partial<Record<TokenPurpose, (token: string) => string>>>

/** What follows `#` never reaches a server: no log and no Referer has the token. */
const pages: Required<AccountLinks> = {
  reset: '/reset-password#token={token}',
  verify: '/verify-email#token={token}',
  email: '/confirm-email#token={token}',
}

/** @throws {TypeError} for what is no address of the web, or has no place for the token */
export function linkMakers(links: string | AccountLinks | undefined): LinkMakers {
  if (links === undefined) return {}
  const base = typeof links === 'string' ? links.replace(/\/+$/, '') : undefined
  const said: AccountLinks =
    base === undefined
      ? (links as AccountLinks)
      : { reset: base + pages.reset, verify: base + pages.verify, email: base + pages.email }
  return Object.fromEntries(
    Object.entries(said)
      .filter(([, template]) => template !== undefined)
      .map(([purpose, template]) => [purpose, makerOf(purpose, template as string)]),
  )
}

function makerOf(purpose: string, template: string): (token: string) => string {
  if (!template.includes('{token}'))
    throw new TypeError(
      `links.${purpose} needs {token} where the token goes: 'https://app.example.com/…#token={token}'`,
    )
  const url = URL.canParse(template) ? new URL(template) : undefined
  if (url === undefined || !['https:', 'http:'].includes(url.protocol))
    throw new TypeError(`links.${purpose}: "${template}" is no address of the web, such as 'https://app.example.com/…'`)
  return (token) => template.replaceAll('{token}', token)
}
