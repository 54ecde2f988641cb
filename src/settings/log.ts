// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import {
  beside,
  type Duration,
  duration,
  either,
  flag,
  is,
  listOf,
  oneOf,
  recordOf,
  type Secret,
  type Setting,
  type Settings,
  secretLeaf,
  setting,
  settings,
  text,
} from './forms.ts'

export type LogSettings = TObject<
  KwikSettings['log']['properties'] & {
    access: Setting<boolean>
    slowRequest: Setting<Duration | false>
    slowQuery: Setting<Duration | false>
    timing: Settings<{ key: Setting<Secret> }>
    crashes: Setting<boolean>
    levels: Setting<Readonly<Record<string, 'debug' | 'info' | 'warning' | 'error' | 'fatal' | 'off'>>>
    redact: Setting<readonly string[]>
    show: Setting<readonly ('email' | 'card')[]>
  }
>

export const log: LogSettings = beside(kwikSettings.log, {
  access: setting<boolean>(flag, { description: 'Whether each request leaves one line.', byDefault: 'true' }),
  slowRequest: setting<Duration | false>(either(duration, is(false)), {
    description: 'Requests whose answer took longer leave a warning, whatever `sample` says.',
    byDefault: "'1s'",
    reload: 'hot',
  }),
  slowQuery: setting<Duration | false>(either(duration, is(false)), {
    description: 'Statements that took longer leave a warning with their text, without values.',
    byDefault: "'500ms'",
    reload: 'hot',
  }),
  timing: settings({ key: secretLeaf({}) }),
  crashes: setting<boolean>(flag, {
    description: 'Write a line when the process goes down by an error that nobody caught.',
    byDefault: 'true',
  }),
  levels: setting<Readonly<Record<string, 'debug' | 'info' | 'warning' | 'error' | 'fatal' | 'off'>>>(
    recordOf(oneOf('debug', 'info', 'warning', 'error', 'fatal', 'off')),
    {
      description: "Levels of categories, and of all below them: `{ 'kwik.access': 'warning', shop: 'debug' }`.",
      byDefault: '{}',
    },
  ),
  redact: setting<readonly string[]>(listOf(text), {
    description: 'Names of more fields that are never shown, beside passwords, tokens, cookies and their like.',
    byDefault: '[]',
  }),
  show: setting<readonly ('email' | 'card')[]>(listOf(oneOf('email', 'card')), {
    description: 'What is about people and may be seen all the same: e-mail addresses, numbers of cards.',
    byDefault: '[]',
  }),
})
