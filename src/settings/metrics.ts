// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  flag,
  recordOf,
  type Secret,
  type Setting,
  type Settings,
  secretLeaf,
  setting,
  settings,
  text,
} from './forms.ts'

export type MetricsSettings = Settings<{
  service: Setting<string>
  otlp: Setting<boolean>
  interval: Setting<Duration>
  prometheus: Settings<{ path: Setting<string>; permission: Setting<string>; token: Setting<Secret> }>
  endpoint: Setting<string>
  headers: Setting<Readonly<Record<string, string>>>
}>

export const metrics: MetricsSettings = settings({
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
})
