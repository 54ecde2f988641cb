// Written by `bun tools/platform-settings.ts` from the options of each part.
import { flag, number, recordOf, type Setting, type Settings, setting, settings, text } from './forms.ts'

export type TracingSettings = Settings<{
  service: Setting<string>
  ratio: Setting<number>
  followCallers: Setting<boolean>
  queries: Setting<boolean>
  redis: Setting<boolean>
  fetch: Setting<boolean>
  enabled: Setting<boolean>
  endpoint: Setting<string>
  headers: Setting<Readonly<Record<string, string>>>
}>

export const tracing: TracingSettings = settings({
  service: setting<string>(text, { description: 'Name of the service in all spans.', byDefault: 'OTEL_SERVICE_NAME' }),
  ratio: setting<number>(number, {
    description:
      "Which part of the traces that begin here is recorded, from 0 to 1; a caller's own decision is followed.",
    byDefault: 'OTEL_TRACES_SAMPLER_ARG, else 1',
  }),
  followCallers: setting<boolean>(flag, {
    description:
      'Whether a valid `traceparent` of a caller is followed. Anybody may send one: with `false` every trace begins here.',
    byDefault: 'true',
  }),
  queries: setting<boolean>(flag, { description: 'Spans for statements of the database.', byDefault: 'true' }),
  redis: setting<boolean>(flag, {
    description: 'Spans for Redis commands: their names, never keys or values.',
    byDefault: 'true',
  }),
  fetch: setting<boolean>(flag, {
    description:
      'Spans for outgoing `fetch`, which then carries `traceparent`; the global function is replaced while the app runs.',
    byDefault: 'true',
  }),
  enabled: setting<boolean>(flag, {
    description: 'Whether spans are wanted.',
    byDefault: 'yes, where any option is said; else what the standard variables say',
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
