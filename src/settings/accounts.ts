// Written by `bun tools/platform-settings.ts` from the options of each part.
import { type Duration, duration, listOf, type Setting, type Settings, setting, settings, text } from './forms.ts'

export type AccountsSettings = Settings<{ permissions: Setting<readonly string[]>; believedFor: Setting<Duration> }>

export const accounts: AccountsSettings = settings({
  permissions: setting<readonly string[]>(listOf(text), {
    description: 'Every permission of the app: what a role may grant.',
    byDefault: 'those of accounts itself',
  }),
  believedFor: setting<Duration>(duration, {
    description:
      'How long an account is believed without asking the database. Changes made through this process count at once; this is how late those of other processes may be noticed.',
    byDefault: "'5s'",
  }),
})
