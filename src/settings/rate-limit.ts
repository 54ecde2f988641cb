// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  either,
  flag,
  is,
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
    kind: Setting<'gcra' | 'sliding'>
    limit: Setting<number>
    per: Setting<Duration>
    by: Setting<'user' | 'ip' | 'apiKey'>
    name: Setting<string>
    burst: Setting<number>
    cost: Setting<number>
    countWhen: Setting<'failure'>
    onStoreDown: Setting<'local' | 'deny' | 'allow'>
  }>
  routes: Settings<{
    kind: Setting<'gcra' | 'sliding'>
    limit: Setting<number>
    per: Setting<Duration>
    by: Setting<'user' | 'ip' | 'apiKey'>
    name: Setting<string>
    burst: Setting<number>
    cost: Setting<number>
    countWhen: Setting<'failure'>
    onStoreDown: Setting<'local' | 'deny' | 'allow'>
  }>
  onStoreDown: Setting<'local' | 'deny' | 'allow'>
  expectedNodes: Setting<number>
  maxKeys: Setting<number>
  ipv6: Settings<{ prefix: Setting<number>; wide: Setting<number | false>; wideTimes: Setting<number> }>
  fields: Setting<boolean>
}>

export const rateLimit: RateLimitSettings = settings({
  global: settings({
    kind: setting<'gcra' | 'sliding'>(oneOf('gcra', 'sliding'), {
      description:
        "`'gcra'` gives units back one by one; `'sliding'` counts two windows, the last one as far as it still reaches, and has no burst.",
      byDefault: "'gcra'",
    }),
    limit: setting<number>(number, { description: 'Requests, or units of cost, in the time of `per`.', reload: 'hot' }),
    per: setting<Duration>(duration, { description: "The time for them, such as `'1m'`.", reload: 'hot' }),
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
    cost: setting<number>(number, {
      description: 'What one request counts for. A cost above `burst` is refused with 400: it could never pass.',
      byDefault: '1',
    }),
    countWhen: setting<'failure'>(is('failure'), {
      description:
        'Every request takes its units when it comes; those whose answer does not count get them back with the answer.',
      byDefault: 'all count',
    }),
    onStoreDown: setting<'local' | 'deny' | 'allow'>(oneOf('local', 'deny', 'allow'), {
      description: "Instead of the plugin's own word. Sign-in routes want `'deny'`.",
    }),
  }),
  routes: settings({
    kind: setting<'gcra' | 'sliding'>(oneOf('gcra', 'sliding'), {
      description:
        "`'gcra'` gives units back one by one; `'sliding'` counts two windows, the last one as far as it still reaches, and has no burst.",
      byDefault: "'gcra'",
    }),
    limit: setting<number>(number, { description: 'Requests, or units of cost, in the time of `per`.', reload: 'hot' }),
    per: setting<Duration>(duration, { description: "The time for them, such as `'1m'`.", reload: 'hot' }),
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
    cost: setting<number>(number, {
      description: 'What one request counts for. A cost above `burst` is refused with 400: it could never pass.',
      byDefault: '1',
    }),
    countWhen: setting<'failure'>(is('failure'), {
      description:
        'Every request takes its units when it comes; those whose answer does not count get them back with the answer.',
      byDefault: 'all count',
    }),
    onStoreDown: setting<'local' | 'deny' | 'allow'>(oneOf('local', 'deny', 'allow'), {
      description: "Instead of the plugin's own word. Sign-in routes want `'deny'`.",
    }),
  }),
  onStoreDown: setting<'local' | 'deny' | 'allow'>(oneOf('local', 'deny', 'allow'), {
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
  ipv6: settings({
    prefix: setting<number>(number, { description: 'Leading bits that make one caller.', byDefault: '64' }),
    wide: setting<number | false>(either(number, is(false)), {
      description: 'Leading bits that are counted together beside that, for who owns many networks; `false` for none.',
      byDefault: '48',
    }),
    wideTimes: setting<number>(number, {
      description: 'How many times the limit all of these together have.',
      byDefault: '32',
    }),
  }),
  fields: setting<boolean>(flag, {
    description: 'Say `RateLimit` and `RateLimit-Policy` on answers.',
    byDefault: 'true',
  }),
})
