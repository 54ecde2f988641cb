// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import { beside, type Duration, duration, type Setting, setting, text } from './forms.ts'

export type TokensSettings = TObject<
  KwikSettings['tokens']['properties'] & {
    issuer: Setting<string>
    audience: Setting<string>
    accessTtl: Setting<Duration>
  }
>

export const tokens: TokensSettings = beside(kwikSettings.tokens, {
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
})
