// Written by `bun tools/platform-settings.ts` from the options of each part.
import { type Duration, duration, type Setting, type Settings, setting, settings } from './forms.ts'

export type HealthSettings = Settings<{ timeout: Setting<Duration> }>

export const health: HealthSettings = settings({
  timeout: setting<Duration>(duration, { description: 'How long a check may take.', byDefault: "'1s'" }),
})
