// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  flag,
  number,
  oneOf,
  type Setting,
  type Settings,
  setting,
  settings,
  text,
} from './forms.ts'

export type RateLimitSettings = Settings<{
  global: Settings<{
    limit: Setting<number>
    per: Setting<Duration>
    by: Setting<'user' | 'ip' | 'apiKey'>
    name: Setting<string>
    burst: Setting<number>
    cost: Setting<number>
    onStoreDown: Setting<'local' | 'deny'>
  }>
  routes: Settings<{
    limit: Setting<number>
    per: Setting<Duration>
    by: Setting<'user' | 'ip' | 'apiKey'>
    name: Setting<string>
    burst: Setting<number>
    cost: Setting<number>
    onStoreDown: Setting<'local' | 'deny'>
  }>
  onStoreDown: Setting<'local' | 'deny'>
  expectedNodes: Setting<number>
  maxKeys: Setting<number>
  fields: Setting<boolean>
}>

export const rateLimit: RateLimitSettings = settings({
  global: settings({
    limit: setting<number>(number, { description: 'Requests, or units of cost, in the time of `per`.' }),
    per: setting<Duration>(duration, { description: "The time for them, such as `'1m'`." }),
    by: setting<'user' | 'ip' | 'apiKey'>(oneOf('user', 'ip', 'apiKey'), {
      description: 'Who shares one count.',
      byDefault: "'user'",
    }),
    name: setting<string>(text, {
      description: 'Routes whose policies have one name share one count. Letters, digits, `-` and `_`.',
      byDefault: 'a count for each route',
    }),
    burst: setting<number>(number, {
      description: 'How many may come at once; they come back one by one, `limit` in `per`.',
      byDefault: 'limit',
    }),
    cost: setting<number>(number, { description: 'What one request counts for.', byDefault: '1' }),
    onStoreDown: setting<'local' | 'deny'>(oneOf('local', 'deny'), {
      description: "Instead of the plugin's own word. Sign-in routes want `'deny'`.",
    }),
  }),
  routes: settings({
    limit: setting<number>(number, { description: 'Requests, or units of cost, in the time of `per`.' }),
    per: setting<Duration>(duration, { description: "The time for them, such as `'1m'`." }),
    by: setting<'user' | 'ip' | 'apiKey'>(oneOf('user', 'ip', 'apiKey'), {
      description: 'Who shares one count.',
      byDefault: "'user'",
    }),
    name: setting<string>(text, {
      description: 'Routes whose policies have one name share one count. Letters, digits, `-` and `_`.',
      byDefault: 'a count for each route',
    }),
    burst: setting<number>(number, {
      description: 'How many may come at once; they come back one by one, `limit` in `per`.',
      byDefault: 'limit',
    }),
    cost: setting<number>(number, { description: 'What one request counts for.', byDefault: '1' }),
    onStoreDown: setting<'local' | 'deny'>(oneOf('local', 'deny'), {
      description: "Instead of the plugin's own word. Sign-in routes want `'deny'`.",
    }),
  }),
  onStoreDown: setting<'local' | 'deny'>(oneOf('local', 'deny'), {
    description: 'What happens when Redis does not answer.',
    byDefault: "'local'",
  }),
  expectedNodes: setting<number>(number, {
    description: 'How many processes share the limits: while Redis is away each gives this part of them.',
    byDefault: '1',
  }),
  maxKeys: setting<number>(number, {
    description: 'Callers counted in memory; beyond them the one not seen for longest is forgotten.',
    byDefault: '50000',
  }),
  fields: setting<boolean>(flag, {
    description: 'Say `RateLimit` and `RateLimit-Policy` on answers.',
    byDefault: 'true',
  }),
})
