// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  either,
  flag,
  is,
  listOf,
  oneOf,
  recordOf,
  type Setting,
  type Settings,
  setting,
  settings,
  text,
} from './forms.ts'

export type HeadersSettings = Settings<{
  profile: Setting<'api' | 'docs'>
  set: Setting<Readonly<Record<string, string | false | Readonly<Record<string, readonly string[]>>>>>
  enforce: Setting<readonly string[]>
  hsts: Settings<{ maxAge: Setting<Duration>; includeSubDomains: Setting<boolean>; preload: Setting<boolean> }>
  noStore: Setting<boolean>
  cors: Settings<{
    origins: Setting<'*' | readonly string[]>
    credentials: Setting<boolean>
    allowedHeaders: Setting<readonly string[]>
    exposedHeaders: Setting<readonly string[]>
    maxAge: Setting<Duration>
  }>
  hosts: Setting<readonly string[]>
}>

export const headers: HeadersSettings = settings({
  profile: setting<'api' | 'docs'>(oneOf('api', 'docs'), {
    description: 'What routes carry that say nothing themselves.',
    byDefault: "'api'",
  }),
  set: setting<Readonly<Record<string, string | false | Readonly<Record<string, readonly string[]>>>>>(
    recordOf(either(text, is(false), recordOf(listOf(text)))),
    { description: "Headers beside or instead of the profile's, on every answer." },
  ),
  enforce: setting<readonly string[]>(listOf(text), {
    description: 'Headers that a handler cannot change.',
    byDefault: '[]',
  }),
  hsts: settings({
    maxAge: setting<Duration>(duration, { description: 'How long browsers keep to https.', byDefault: "'730d'" }),
    includeSubDomains: setting<boolean>(flag, { byDefault: 'true' }),
    preload: setting<boolean>(flag, {
      description:
        "Ask for the browsers' own list. It takes months to leave that list: needs subdomains and a year at least.",
      byDefault: 'false',
    }),
  }),
  noStore: setting<boolean>(flag, {
    description:
      'Send `Cache-Control: no-store` on routes that need a caller, and on any answer to somebody who sent credentials, where neither route nor handler says something of caching.',
    byDefault: 'true',
  }),
  cors: settings({
    origins: setting<'*' | readonly string[]>(either(is('*'), listOf(text)), {
      description:
        "Whose scripts may read answers: origins (`'https://shop.example.com'`, `'https://*.example.com'` for one label more), expressions that must fit the whole origin, a function, or `'*'` for everybody. The origin `null` never may.",
      reload: 'hot',
    }),
    credentials: setting<boolean>(flag, {
      description: "Let browsers send cookies along. Never together with `'*'`.",
      byDefault: 'false',
    }),
    allowedHeaders: setting<readonly string[]>(listOf(text), {
      description: 'Request headers that scripts may set.',
      byDefault: 'authorization, content-type and those that Kwik reads',
    }),
    exposedHeaders: setting<readonly string[]>(listOf(text), {
      description: 'Response headers that scripts may read.',
      byDefault: 'those that Kwik writes',
    }),
    maxAge: setting<Duration>(duration, {
      description: 'How long browsers remember what is allowed.',
      byDefault: "'10m'",
    }),
  }),
  hosts: setting<readonly string[]>(listOf(text), {
    description: "Hosts that this app answers for: `'api.example.com'`, `'*.example.com'`, `'localhost:3000'`.",
    byDefault: 'any',
  }),
})
