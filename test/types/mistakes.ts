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
