// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import { beside, type Duration, duration, number, type Setting, setting } from './forms.ts'

export type DatabaseSettings = TObject<
  KwikSettings['database']['properties'] & { poolSize: Setting<number>; connectTimeout: Setting<Duration> }
>

export const database: DatabaseSettings = beside(kwikSettings.database, {
  poolSize: setting<number>(number, { description: 'Connections to PostgreSQL.', byDefault: '10' }),
  connectTimeout: setting<Duration>(duration, {
    description: 'How long a call waits for a connection to PostgreSQL.',
    byDefault: "'5s'",
  }),
})
