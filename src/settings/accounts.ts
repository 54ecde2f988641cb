// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  either,
  flag,
  is,
  listOf,
  number,
  type Secret,
  type Setting,
  type Settings,
  secretLeaf,
  setting,
  settings,
  text,
} from './forms.ts'

export type AccountsSettings = Settings<{
  permissions: Setting<readonly string[]>
  believedFor: Setting<Duration>
  eventsKeptFor: Setting<Duration | false>
  apiKeys: Settings<{ perUser: Setting<number> }>
  impersonation: Settings<{ ttl: Setting<Duration> }>
  throttle: Settings<{
    network: Settings<{ free: Setting<number>; first: Setting<Duration>; longest: Setting<Duration> }>
    account: Settings<{ free: Setting<number>; first: Setting<Duration>; longest: Setting<Duration> }>
    forget: Setting<Duration>
  }>
  register: Setting<boolean>
  links: Setting<string>
  linkTtl: Setting<Duration>
  firstAdmin: Settings<{ email: Setting<string>; password: Setting<Secret> }>
}>

export const accounts: AccountsSettings = settings({
  permissions: setting<readonly string[]>(listOf(text), {
    description: 'Every permission of the app: what a role may grant.',
    byDefault: 'those of accounts itself',
  }),
  believedFor: setting<Duration>(duration, {
    description:
      'How long an account is believed without asking the database, where nobody says that it changed. Changes through the service count at once, in every process; this is how late SQL of your own may be noticed. On PostgreSQL without Redis nothing is believed.',
    byDefault: "'2s'",
  }),
  eventsKeptFor: setting<Duration | false>(either(duration, is(false)), {
    description: 'How long security events are kept; `false` keeps them for ever.',
    byDefault: "'365d'",
  }),
  apiKeys: settings({
    perUser: setting<number>(number, { description: 'How many good keys one user may have.', byDefault: '100' }),
  }),
  impersonation: settings({
    ttl: setting<Duration>(duration, {
      description: 'How long it lasts where nobody says; an hour at most.',
      byDefault: "'15m'",
    }),
  }),
  throttle: settings({
    network: settings({
      free: setting<number>(number, { description: 'Wrong passwords before it begins.' }),
      first: setting<Duration>(duration, {
        description: 'How long the next try waits then. It doubles with each more.',
      }),
      longest: setting<Duration>(duration, {
        description: 'The wait grows to this and no further: nobody is locked out.',
      }),
    }),
    account: settings({
      free: setting<number>(number, { description: 'Wrong passwords before it begins.' }),
      first: setting<Duration>(duration, {
        description: 'How long the next try waits then. It doubles with each more.',
      }),
      longest: setting<Duration>(duration, {
        description: 'The wait grows to this and no further: nobody is locked out.',
      }),
    }),
    forget: setting<Duration>(duration, {
      description: 'Without a wrong password for so long all is forgotten.',
      byDefault: "'1h'",
    }),
  }),
  register: setting<boolean>(flag, {
    description: 'Let people make their account themselves: `POST /auth/register`.',
    byDefault: 'false',
  }),
  links: setting<string>(text, {
    description:
      'Where the links of mails lead: a page for each, or the address of the app, whose pages are then `/reset-password`, `/verify-email` and `/confirm-email` with `#token=…`. Without it nobody can reset a password they forgot.',
  }),
  linkTtl: setting<Duration>(duration, { description: 'For how long a link is good.', byDefault: "'30m'" }),
  firstAdmin: settings({ email: setting<string>(text, {}), password: secretLeaf({}) }),
})
