// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import { beside, flag, listOf, type Setting, setting, text } from './forms.ts'

export type LogSettings = TObject<
  KwikSettings['log']['properties'] & { access: Setting<boolean>; redact: Setting<readonly string[]> }
>

export const log: LogSettings = beside(kwikSettings.log, {
  access: setting<boolean>(flag, { description: 'Whether each request leaves one line.', byDefault: 'true' }),
  redact: setting<readonly string[]>(listOf(text), {
    description: 'Names of more fields that are never shown, beside passwords, tokens, cookies and their like.',
    byDefault: '[]',
  }),
})
