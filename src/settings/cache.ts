// Written by `bun tools/platform-settings.ts` from the options of each part.
import {
  type Duration,
  duration,
  either,
  flag,
  listOf,
  number,
  oneOf,
  type Setting,
  type Settings,
  type Size,
  setting,
  settings,
  size,
  text,
} from './forms.ts'

export type CacheSettings = Settings<{
  version: Setting<string>
  debug: Setting<boolean>
  maxBytes: Setting<Size>
  maxEntries: Setting<number>
  maxEntryBytes: Setting<Size>
  holdStore: Setting<Duration>
  localTtl: Setting<Duration>
  onInvalidateFail: Setting<'journal' | 'fail-write'>
  ttl: Setting<Duration>
  backend: Setting<'memory' | 'redis'>
  varyOnUser: Setting<boolean>
  varyOnPermissions: Setting<boolean>
  swr: Setting<Duration>
  staleIfError: Setting<Duration>
  timeout: Setting<Duration>
  negative: Setting<Duration>
  lease: Setting<boolean | Duration>
  grace: Setting<Duration>
  vary: Setting<readonly string[]>
  languages: Setting<readonly string[]>
  headers: Setting<readonly string[]>
  maxAge: Setting<Duration>
}>

export const cache: CacheSettings = settings({
  version: setting<string>(text, {
    description:
      'Of the app: answers that another one has kept are not used. Where `change()`s of versions alter answers, it must change too.',
    byDefault: "''",
  }),
  debug: setting<boolean>(flag, { description: 'Say `Cache-Status` (RFC 9211) on answers.', byDefault: 'false' }),
  maxBytes: setting<Size>(size, {
    description: 'What is kept in the memory of this process, all together.',
    byDefault: "'64MB'",
  }),
  maxEntries: setting<number>(number, {
    description: 'How many things are kept in the memory of this process.',
    byDefault: '100000',
  }),
  maxEntryBytes: setting<Size>(size, { description: 'Larger ones are answered and not kept.', byDefault: "'256KB'" }),
  holdStore: setting<Duration>(duration, {
    description:
      'For how long nothing is kept under a tag after it ended: the lag of a replica that handlers read from.',
    byDefault: '0',
  }),
  localTtl: setting<Duration>(duration, {
    description:
      'The longest that a local copy over Redis is believed without asking it again. The same in every process.',
    byDefault: "'2s'",
  }),
  onInvalidateFail: setting<'journal' | 'fail-write'>(oneOf('journal', 'fail-write'), {
    description:
      'A write whose tags cannot be told to Redis: note them and tell it later, or refuse the write with 503 before it is done, which takes a transaction (`transaction: true`, resources).',
    byDefault: "'journal'",
  }),
  ttl: setting<Duration>(duration, {
    description: 'How long an answer is fresh, give or take a tenth: what was stored together does not end together.',
    reload: 'hot',
  }),
  backend: setting<'memory' | 'redis'>(oneOf('memory', 'redis'), {
    description: 'Where it is kept.',
    byDefault: "'redis' where there is one, else 'memory'",
  }),
  varyOnUser: setting<boolean>(flag, {
    description: 'Each user has answers of their own; so has whoever acts for them, and each set of permissions.',
    byDefault: 'false',
  }),
  varyOnPermissions: setting<boolean>(flag, {
    description: 'Callers with the same permissions share answers.',
    byDefault: 'false',
  }),
  swr: setting<Duration>(duration, {
    description: 'After `ttl` an answer is still given for so long, while it is made anew beside.',
    byDefault: '0',
    reload: 'hot',
  }),
  staleIfError: setting<Duration>(duration, {
    description: 'After `ttl` an answer still stands in for so long where making it anew fails with 5xx.',
    byDefault: '0',
    reload: 'hot',
  }),
  timeout: setting<Duration>(duration, {
    description: 'How long a caller waits for a new answer where `staleIfError` allows the old one.',
    byDefault: 'until it is there',
    reload: 'hot',
  }),
  negative: setting<Duration>(duration, {
    description: 'How long a 404 is kept.',
    byDefault: 'not at all',
    reload: 'hot',
  }),
  lease: setting<boolean | Duration>(either(flag, duration), {
    description: "One process makes an answer, and the others wait for it this long at most; `true` is `'10s'`.",
    byDefault: 'false',
  }),
  grace: setting<Duration>(duration, {
    description:
      'How long after `ttl` this process answers its own copy while Redis is away. Never where answers depend on the caller.',
    byDefault: '0',
    reload: 'hot',
  }),
  vary: setting<readonly string[]>(listOf(text), {
    description: 'Request headers that the answer depends on: `Vary` names them.',
    byDefault: 'none',
  }),
  languages: setting<readonly string[]>(listOf(text), {
    description:
      'Languages that the handler answers in, the usual one first: `Accept-Language` is read as one of them.',
    byDefault: 'none',
  }),
  headers: setting<readonly string[]>(listOf(text), {
    description: 'Headers of the answer to keep beside Content-Type, Content-Language, ETag, Last-Modified and Link.',
    byDefault: 'none',
  }),
  maxAge: setting<Duration>(duration, {
    description:
      'How long clients and proxies may answer it themselves, without asking: they hear of nothing that ends meanwhile.',
    byDefault: '`ttl` where no tag can end it and it is for everybody, else they ask each time',
    reload: 'hot',
  }),
})
