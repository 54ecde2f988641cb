// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  flag,
  listOf,
  number,
  type Setting,
  type Settings,
  setting,
  settings,
  text,
} from './forms.ts'

export type IdempotencySettings = Settings<{
  required: Setting<boolean>
  ttl: Setting<Duration>
  maxBytes: Setting<number>
  headers: Setting<readonly string[]>
}>

export const idempotency: IdempotencySettings = settings({
  required: setting<boolean>(flag, { description: 'Refuse requests without a key with 400.', byDefault: 'false' }),
  ttl: setting<Duration>(duration, { description: 'For how long an answer is said again.', byDefault: "'24h'" }),
  maxBytes: setting<number>(number, {
    description: 'Largest body of an answer that is kept, in bytes; of a larger one only that it was given.',
    byDefault: '262144',
  }),
  headers: setting<readonly string[]>(listOf(text), {
    description: 'Headers of the answer to keep beside Content-Type, Location, Link, ETag and their like.',
    byDefault: '[]',
  }),
})
