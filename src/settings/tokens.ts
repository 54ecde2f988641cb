// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import {
  beside,
  type Duration,
  duration,
  flag,
  listOf,
  oneOf,
  type Setting,
  type Settings,
  setting,
  settings,
  text,
} from './forms.ts'

export type TokensSettings = TObject<
  KwikSettings['tokens']['properties'] & {
    sessions: Setting<boolean>
    jwt: Setting<boolean>
    issuer: Setting<string>
    audience: Setting<string>
    accessTtl: Setting<Duration>
    refresh: Settings<{
      transport: Setting<'body' | 'cookie'>
      grace: Setting<Duration>
      idle: Setting<Duration>
      absolute: Setting<Duration>
      trustedOrigins: Setting<readonly string[]>
    }>
    onSessionStoreDown: Setting<'db' | 'deny'>
    believedFor: Setting<Duration>
  }
>

export const tokens: TokensSettings = beside(kwikSettings.tokens, {
  sessions: setting<boolean>(flag, {
    description:
      'Whether tokens belong to sessions that are kept in the database, in the tables of `tokenTables`: they can be refreshed, listed and ended. Without them a token lives until it expires.',
    byDefault: 'true with `database` and `accounts`',
  }),
  jwt: setting<boolean>(flag, {
    description: "`ctx.jwt`: tokens for the app's own ends, such as links of invitations.",
    byDefault: 'false',
  }),
  issuer: setting<string>(text, { description: 'Who issues the tokens (`iss`).', byDefault: "'kwik'" }),
  audience: setting<string>(text, {
    description: 'For whom they are (`aud`). Apps that share a secret must not share it.',
    byDefault: 'the issuer',
  }),
  accessTtl: setting<Duration>(duration, {
    description:
      'How long a token is good. What it says is checked against the accounts on every request all the same.',
    byDefault: "'10m'",
  }),
  refresh: settings({
    transport: setting<'body' | 'cookie'>(oneOf('body', 'cookie'), {
      description:
        'Where clients keep tokens: they are answered in the `body`, or in a `cookie` that no script can read. Both are taken in the Authorization header all the same. Cookies bring a defence against other sites with them.',
      byDefault: "'body'",
    }),
    grace: setting<Duration>(duration, {
      description:
        'How long the refresh token before the present one is answered with the present one: for answers that were lost.',
      byDefault: "'10s'",
    }),
    idle: setting<Duration>(duration, {
      description: 'A session that is not refreshed for so long is over.',
      byDefault: "'14d'",
    }),
    absolute: setting<Duration>(duration, {
      description: 'A session is over after so long, however often it is refreshed.',
      byDefault: "'60d'",
    }),
    trustedOrigins: setting<readonly string[]>(listOf(text), {
      description:
        'Other origins whose pages may send our cookies: `https://app.example.com`. Each can do whatever its visitors may.',
      byDefault: '[]',
    }),
  }),
  onSessionStoreDown: setting<'db' | 'deny'>(oneOf('db', 'deny'), {
    description:
      'What happens while Redis is configured and does not answer: `db` asks the database on every request, `deny` answers 503 and turns readiness red. Nobody who was signed out gets in either way.',
    byDefault: "'db'",
  }),
  believedFor: setting<Duration>(duration, {
    description:
      'How long a session is believed without asking the database, where nobody says that it ended. Every process has the same.',
    byDefault: "'2s'",
  }),
})
