// Written by `bun tools/platform-settings.ts` from the options of each part.
import type { TObject } from '@sinclair/typebox'
import { type KwikSettings, kwikSettings } from '../../plugins/settings/index.ts'
import {
  beside,
  type Duration,
  duration,
  flag,
  listOf,
  number,
  recordOf,
  type Secret,
  type Setting,
  type Settings,
  secretLeaf,
  setting,
  settings,
  text,
} from './forms.ts'

export type ServerSettings = TObject<
  KwikSettings['server']['properties'] & {
    strict: Setting<boolean>
    bodyLimit: Setting<number>
    timeout: Setting<Duration>
    signals: Setting<boolean>
    drain: Setting<Duration>
    trustedProxies: Setting<readonly string[]>
    tracing: Setting<boolean>
    metrics: Settings<{
      service: Setting<string>
      otlp: Setting<boolean>
      interval: Setting<Duration>
      prometheus: Settings<{ path: Setting<string>; permission: Setting<string>; token: Setting<Secret> }>
      endpoint: Setting<string>
      headers: Setting<Readonly<Record<string, string>>>
    }>
    hideForbidden: Setting<boolean>
    compression: Setting<boolean>
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
  tracing: setting<boolean>(flag, {
    description: 'Spans by OpenTelemetry, exported by OTLP.',
    byDefault: 'what the standard `OTEL_*` variables say',
  }),
  metrics: settings({
    service: setting<string>(text, { description: 'Name of the service.', byDefault: 'OTEL_SERVICE_NAME' }),
    otlp: setting<boolean>(flag, {
      description:
        'Sends metrics to a collector by OTLP; by itself where an endpoint is said, here or by the standard variables.',
    }),
    interval: setting<Duration>(duration, {
      description: 'How often.',
      byDefault: "'60s', or OTEL_METRIC_EXPORT_INTERVAL",
    }),
    prometheus: settings({
      path: setting<string>(text, { byDefault: "'/metrics'" }),
      permission: setting<string>(text, { description: 'The permission that a caller needs: `metrics:read`.' }),
      token: secretLeaf({
        description:
          'What a scraper sends as `Authorization: Bearer <token>`, 16 characters or more. Keep it in a setting.',
      }),
    }),
    endpoint: setting<string>(text, {
      description: 'Base URL of the collector: `http://collector:4318`.',
      byDefault: 'OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318',
    }),
    headers: setting<Readonly<Record<string, string>>>(recordOf(text), {
      description: 'Headers of each delivery, such as a key of the collector.',
      byDefault: 'OTEL_EXPORTER_OTLP_HEADERS',
    }),
  }),
  hideForbidden: setting<boolean>(flag, {
    description: 'Answer 404 where `own()` finds something of somebody else; `false` answers 403.',
    byDefault: 'true',
  }),
  compression: setting<boolean>(flag, {
    description: 'Makes answers smaller for clients that take them so.',
    byDefault: 'false',
  }),
})
