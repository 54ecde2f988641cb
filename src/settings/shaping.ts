// Written by `bun tools/platform-settings.ts` from the options of each part.
import { type Duration, duration, is, type Setting, type Settings, setting, settings, text } from './forms.ts'

export type ShapingSettings = Settings<{
  cursors: Settings<{ ttl: Setting<Duration>; bind: Setting<'user'> }>
  baseUrl: Setting<string>
}>

export const shaping: ShapingSettings = settings({
  cursors: settings({
    ttl: setting<Duration>(duration, {
      description: 'After this a cursor is `cursor-expired`.',
      byDefault: 'for ever',
    }),
    bind: setting<'user'>(is('user'), {
      description: "`'user'`: to anybody else than the caller whom it was given to a cursor is `cursor-mismatch`.",
      byDefault: 'for everybody',
    }),
  }),
  baseUrl: setting<string>(text, {
    description:
      'Where clients reach the app, `https://api.example.com` or with a path: Link headers are absolute then. Without it they are absolute where a trusted proxy says scheme and host (X-Forwarded-Proto and -Host, or Forwarded), else relative.',
  }),
})
