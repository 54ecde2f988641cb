// Written by `bun tools/platform-settings.ts` from the options of each part.
import { type Duration, duration, type Setting, type Settings, setting, settings, text } from './forms.ts'

export type HealthSettings = Settings<{ timeout: Setting<Duration>; details: Setting<string> }>

export const health: HealthSettings = settings({
  timeout: setting<Duration>(duration, { description: 'How long a check may take.', byDefault: "'1s'" }),
  details: setting<string>(text, {
    description: 'The permission with which a caller sees why a check fails, and how long each took: `health:read`.',
    byDefault: 'nobody sees it',
  }),
})
