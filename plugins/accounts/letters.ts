import type { Mailer } from '#core/ports/mailer'
import type { AccountTokens, TokenGift, TokenOwner, TokenPurpose } from './account-tokens.ts'
import type { LinkMakers } from './links.ts'
import type { AccountMails, MailText } from './mails.ts'
import type { Parts } from './parts.ts'

/** The mails of accounts on their way: what they say, with a token where they have a link. */
export class Letters {
  readonly #tokens: AccountTokens
  readonly #parts: Pick<Parts, 'mailer' | 'logger'>
  readonly #links: LinkMakers
  readonly #mails: AccountMails
  readonly #minutes: number

  constructor(
    tokens: AccountTokens,
    parts: Pick<Parts, 'mailer' | 'logger'>,
    { links, mails, minutes }: { links: LinkMakers; mails: AccountMails; minutes: number },
  ) {
    this.#tokens = tokens
    this.#parts = parts
    this.#links = links
    this.#mails = mails
    this.#minutes = minutes
  }

  /** Whether mails of a purpose have somewhere to lead. */
  leads(purpose: TokenPurpose): boolean {
    return this.#links[purpose] !== undefined
  }

  /** @throws {TypeError} when the app has nothing to send this mail with, or nowhere for it to lead */
  mailer(purpose?: TokenPurpose): Mailer {
    const { mailer } = this.#parts
    if (mailer === undefined)
      throw new TypeError(
        'accounts need a mailer for that: kwik({ mailer: smtp({...}) }) or accountsService(database, { mailer })',
      )
    if (purpose !== undefined && !this.leads(purpose))
      throw new TypeError(
        `accounts need to know where the link leads: accountsService(database, { links: { ${purpose}: 'https://app.example.com/…#token={token}' } })`,
      )
    return mailer
  }

  /** Makes a token and mails its link. @returns whether a mail left: it does not while several tokens are open */
  async sendLink(purpose: TokenPurpose, owner: TokenOwner, gift: TokenGift = {}): Promise<boolean> {
    const mailer = this.mailer(purpose)
    const token = await this.#tokens.issue(owner, purpose, gift)
    if (token === undefined) {
      this.#parts.logger.info('accounts: no further mail, the last ones are still good', { purpose, userId: owner.id })
      return false
    }
    const email = gift.address ?? owner.email
    const link = this.#links[purpose]!(token)
    await mailer.send({ to: email, ...this.#mails[purpose]({ email, link, minutes: this.#minutes }) })
    return true
  }

  /** Tells somebody who tried to register that they have an account. */
  sendKnown(email: string): Promise<void> {
    return this.#send(email, this.#mails.known({ email }))
  }

  /** Tells somebody that another address was asked for. */
  sendEmailAsked(email: string, newEmail: string): Promise<void> {
    return this.#send(email, this.#mails.emailAsked({ email, newEmail }))
  }

  async #send(to: string, text: MailText): Promise<void> {
    await this.mailer().send({ to, ...text })
  }
}
