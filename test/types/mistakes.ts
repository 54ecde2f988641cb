/** A program with one mistake in it, and what the compiler must name. */
export interface Mistake {
  readonly source: string
  /** The wrong word. */
  readonly wrong: string
  /** The words that would be right, or the type that lists them. */
  readonly allowed: readonly string[]
}

const platform = `import { Elysia, t } from 'elysia'
import { makePlatform } from '../../test/fixtures/platform.ts'
const app = new Elysia().use(makePlatform())
`
const given = (line: string): string => `${platform}${line}\n`

/** Mistakes of a person who writes routes. */
export const routeMistakes: Readonly<Record<string, Mistake>> = {
  permission: {
    source: given(`app.get('/posts', () => [], { permission: 'posts:delete' })`),
    wrong: 'posts:delete',
    allowed: ['posts:read', 'posts:create'],
  },
  'permission-of-a-guard': {
    source: given(`app.guard({ permission: 'posts:delete' }, (inner) => inner.get('/posts', () => []))`),
    wrong: 'posts:delete',
    allowed: ['posts:read', 'posts:create'],
  },
  'option-value': {
    source: given(`app.get('/posts', () => [], { public: true, version: { v9: {} } })`),
    wrong: 'v9',
    allowed: ['v1', 'v2'],
  },
  'option-field': {
    source: given(`app.get('/posts', () => [], { public: true, cache: { tll: 5 } })`),
    wrong: 'tll',
    allowed: ['CacheRule'],
  },
  'option-key': {
    source: given(`app.get('/posts', () => [], { permision: 'posts:read' })`),
    wrong: 'permision',
    allowed: ['permission'],
  },
  'context-field': {
    source: given(`app.get('/posts', (context) => context.usr.id, { auth: true })`),
    wrong: 'usr',
    allowed: ['user'],
  },
  'field-of-the-user': {
    source: given(`app.get('/posts', ({ user }) => user.nam, { auth: true })`),
    wrong: 'nam',
    allowed: ['name'],
  },
  'field-of-the-body': {
    source: given(
      `app.post('/posts', ({ body }) => body.titel, { auth: true, body: t.Object({ title: t.String() }) })`,
    ),
    wrong: 'titel',
    allowed: ['title'],
  },
}

const whole = `import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { accountsService } from 'kwik/accounts'
import { openDatabase } from 'kwik/database'; import { own } from 'kwik/permissions'
const database = openDatabase({ url: 'sqlite::memory:' })
const app = new Elysia().use(kwik({
  database, accounts: accountsService(database), tokens: { secret: '' }, permissions: ['posts:read', 'posts:create', 'posts:update', 'posts:update:own'],
  rateLimit: {},
}))
`
const wholly = (line: string): string => `${whole}${line}\n`

const caching = (line: string): string => `import { Elysia } from 'elysia'
import { kwik } from 'kwik'
const app = new Elysia().use(kwik({ cache: true }))
${line}
`

/** The same of a person who uses the whole platform. */
export const platformMistakes: Readonly<Record<string, Mistake>> = {
  'kwik-permission': {
    source: wholly(`app.get('/posts', () => [], { permission: 'posts:delete' })`),
    wrong: 'posts:delete',
    allowed: ['posts:read', 'posts:create', 'AccountPermission'],
  },
  'kwik-permission-own': {
    source: wholly(`app.patch('/posts', () => [], { permission: own('posts:updte', () => 'id') })`),
    wrong: 'posts:updte',
    allowed: ['posts:update'],
  },
  'kwik-permission-own-undeclared': {
    source: wholly(`app.patch('/posts', () => [], { permission: own('posts:read', () => 'id') })`),
    wrong: 'posts:read',
    allowed: ['posts:update'],
  },
  'kwik-permission-any': {
    source: wholly(`app.patch('/posts', () => [], { permission: { any: ['posts:read', 'posts:delete'] } })`),
    wrong: 'posts:delete',
    allowed: ['posts:read', 'posts:update'],
  },
  'kwik-permission-own-in-all': {
    source: wholly(
      `app.patch('/posts', () => [], { permission: { all: ['posts:read', own('posts:updte', () => 'id')] } })`,
    ),
    wrong: 'posts:updte',
    allowed: ['posts:update'],
  },
  'kwik-tenant-source': {
    source: wholly(`kwik({ tenant: { by: 'hedaer' } })`),
    wrong: 'hedaer',
    allowed: ['header', 'host', 'claim'],
  },
  'kwik-tenant-pattern': {
    source: wholly(`kwik({ tenant: { by: 'host', patern: '*.example.com' } })`),
    wrong: 'patern',
    allowed: ['pattern'],
  },
  'kwik-tenant-context': {
    source: wholly(`app.get('/posts', ({ tenant }) => tenant, { auth: true })`),
    wrong: 'tenant',
    allowed: ['db'],
  },
  'kwik-option-key': {
    source: wholly(`app.get('/posts', () => [], { rateLimits: { limit: 5, per: '1m' } })`),
    wrong: 'rateLimits',
    allowed: ['rateLimit'],
  },
  'kwik-option-value': {
    source: wholly(`app.get('/posts', () => [], { public: true, rateLimit: { limit: 5, per: '1 minute' } })`),
    wrong: '1 minute',
    allowed: ['Duration'],
  },
  'kwik-option-of-a-part-that-is-not-there': {
    source: `import { Elysia } from 'elysia'
import { kwik } from 'kwik'
new Elysia().use(kwik({})).get('/posts', () => [], { rateLimit: { limit: 5, per: '1m' } })
`,
    wrong: 'rateLimit',
    allowed: ['bodyLimit'],
  },
  'kwik-cache-rule': {
    source: caching(`app.get('/posts', () => [], { public: true, cache: { tll: 300 } })`),
    wrong: 'tll',
    allowed: ['RouteCache'],
  },
  'kwik-cache-duration': {
    source: caching(`app.get('/posts', () => [], { public: true, cache: { swr: '1 minute' } })`),
    wrong: '1 minute',
    allowed: ['Duration'],
  },
  'kwik-cache-backend': {
    source: caching(`app.get('/posts', () => [], { public: true, cache: { backend: 'memcached' } })`),
    wrong: 'memcached',
    allowed: ['redis'],
  },
  'kwik-cache-tags': {
    source: caching(`app.put('/posts', () => [], { public: true, invalidates: () => 7 })`),
    wrong: 'number',
    allowed: ['string'],
  },
  'kwik-cache-of-the-platform': {
    source: `import { kwik } from 'kwik'
kwik({ cache: { maxEntryByte: '1KB' } })
`,
    wrong: 'maxEntryByte',
    allowed: ['maxEntryBytes'],
  },
  'kwik-cache-that-is-not-there': {
    source: wholly(`app.get('/posts', () => [], { cache: { ttl: 300 } })`),
    wrong: 'cache',
    allowed: ['bodyLimit'],
  },
  'kwik-options': {
    source: `import { kwik } from 'kwik'
kwik({ loging: false })
`,
    wrong: 'loging',
    allowed: ['logging'],
  },
  'kwik-context-field': {
    source: wholly(`app.get('/posts', (context) => context.bd.dialect, { public: true })`),
    wrong: 'bd',
    allowed: ['db'],
  },
}
