// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import { beside, type Duration, duration, flag, listOf, number, type Setting, setting, text } from './forms.ts'

export type ServerSettings = TObject<
  KwikSettings['server']['properties'] & {
    strict: Setting<boolean>
    bodyLimit: Setting<number>
    timeout: Setting<Duration>
    signals: Setting<boolean>
    drain: Setting<Duration>
    trustedProxies: Setting<readonly string[]>
    hideForbidden: Setting<boolean>
  }
>

export const server: ServerSettings = beside(kwikSettings.server, {
  strict: setting<boolean>(flag, {
    description:
      'Refuse to start with a route that says neither who may call it nor that anybody may; `false` warns once.',
    byDefault: 'true',
  }),
  bodyLimit: setting<number>(number, { description: 'Bytes of a request body.', byDefault: '1048576' }),
  timeout: setting<Duration>(duration, { description: 'How long an answer may take.', byDefault: "'30s'" }),
  signals: setting<boolean>(flag, { description: 'Stop gracefully on SIGTERM and SIGINT.', byDefault: 'true' }),
  drain: setting<Duration>(duration, {
    description: 'How long open requests may take to finish when the app stops; what is still open then is cut.',
    byDefault: "'10s'",
  }),
  trustedProxies: setting<readonly string[]>(listOf(text), {
    description: 'Proxies whose Forwarded and X-Forwarded-* headers are believed, as CIDR ranges.',
    byDefault: 'none',
  }),
  hideForbidden: setting<boolean>(flag, {
    description: 'Answer 404 where `own()` finds something of somebody else; `false` answers 403.',
    byDefault: 'true',
  }),
})
