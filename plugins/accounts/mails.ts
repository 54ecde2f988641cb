import type { Message } from '#core/ports/mailer'

/** What a mail says; to whom it goes is not its own choice. */
export type MailText = Pick<Message, 'subject' | 'text' | 'html'>

/** What the link of a mail is about. */
export interface LinkMail {
  /** To whom it goes. */
  readonly email: string
  readonly link: string
  /** For how long the link is good. */
  readonly minutes: number
}

/**
 * The mails of accounts. None of them says a name: somebody else may have chosen it, for an address that is not theirs.
 */
export interface AccountMails {
  /** A new password was asked for. */
  reset(about: LinkMail): MailText
  /** Somebody registered with this address. */
  verify(about: LinkMail): MailText
  /** Somebody registered with the address of an account that is there. */
  known(about: { readonly email: string }): MailText
  /** To a new address, which is not confirmed yet. */
  email(about: LinkMail): MailText
  /** To the address from before: another one was asked for. */
  emailAsked(about: { readonly email: string; readonly newEmail: string }): MailText
}

export const plainMails: AccountMails = {
  reset: ({ link, minutes }) => ({
    subject: 'Choose a new password',
    text: `Somebody, most likely you, asked for a new password for this address.\n\nChoose one within ${minutes} minutes:\n${link}\n\nIf it was not you, do nothing: your password stays as it is.\n`,
  }),
  verify: ({ link, minutes }) => ({
    subject: 'Confirm your address',
    text: `An account was made with this address.\n\nConfirm within ${minutes} minutes that it is yours:\n${link}\n\nIf you did not make it, do nothing: nobody can use it.\n`,
  }),
  known: () => ({
    subject: 'You already have an account',
    text: 'Somebody, most likely you, tried to make an account with this address. There is one already: sign in, or ask for a new password if you forgot it.\n\nIf it was not you, do nothing.\n',
  }),
  email: ({ link, minutes }) => ({
    subject: 'Confirm your new address',
    text: `An account is to have this address from now on.\n\nConfirm it within ${minutes} minutes:\n${link}\n\nIf you do not know of this, do nothing.\n`,
  }),
  emailAsked: ({ newEmail }) => ({
    subject: 'Your address is about to change',
    text: `Somebody who knows your password asked that your account have the address ${newEmail}. It changes when that address is confirmed.\n\nIf it was not you, change your password now: that ends it.\n`,
  }),
}
