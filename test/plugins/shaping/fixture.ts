import type { SQL } from 'drizzle-orm'
import { type AnyElysia, Elysia } from 'elysia'
import { type CoreOptions, core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { type AnyShape, type ShapingOptions, shape, shaping } from '../../../plugins/shaping/index.ts'

/** A table with a field of every type that lists know. */
export const notes = defineTable('notes', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(200),
  body: t.text().nullable(),
  status: t.enum('draft', 'live', 'gone').default('draft'),
  score: t.int().nullable(),
  views: t.bigint(),
  price: t.decimal(10, 2).nullable(),
  weight: t.float().nullable(),
  published: t.bool(),
  day: t.date().nullable(),
  at: t.datetime(),
  owner: t.uuid().nullable(),
  tags: t.list('string'),
  secret: t.string(80),
}))
/** A row as drizzle gives it. */
export type Note = Omit<(typeof notes)['$inferSelect'], 'secret'>
type Insert = (typeof notes)['$inferInsert']

/** What rows in memory can be filtered by, too. */
export const filters = {
  id: true,
  title: true,
  body: true,
  status: true,
  score: true,
  views: true,
  weight: true,
  published: true,
  day: true,
  at: true,
  owner: true,
  tags: true,
} as const

export const noteList = shape(notes, {
  filter: { ...filters, price: true },
  sort: { keys: ['id', 'title', 'status', 'score', 'price', 'weight', 'at', 'day', 'views', 'published'] },
  fields: { default: ['id', 'title'], hidden: ['secret'] },
  count: ['capped', 'exact'],
  ignore: ['utm_*'],
})

const usual: Omit<Insert, 'id' | 'title'> = {
  views: 0n,
  published: false,
  at: new Date('2026-01-01T00:00:00Z'),
  tags: [],
  secret: 's',
}

export async function fill(db: Database, rows: readonly (Partial<Insert> & { id: number })[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 50)
    await db.drizzle
      .insert(notes.for(db))
      .values(rows.slice(from, from + 50).map((row) => ({ title: `note ${row.id}`, ...usual, ...row })) as never)
}

export const keys: readonly string[] = [
  'the first key of these tests, 32 characters',
  'the second key of these tests, 32 characters',
]

/** Recognises `authorization: tenant permission permission`. */
export const callers = (): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'callers',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }) => {
          const [id, ...permissions] = request.headers.get('authorization')?.split(' ') ?? []
          return id === undefined ? null : { id, via: 'bearer', user: { id }, permissions: new Set(permissions) }
        },
      },
    }),
  })

/** An app with one list at /notes. */
export function appOf(
  db: Database,
  list: AnyShape = noteList,
  signing: readonly string[] | 'random' | ShapingOptions = keys,
  plugins: readonly AnyElysia[] = [],
  more: CoreOptions = {},
): AnyElysia {
  const options = signing === 'random' ? {} : Array.isArray(signing) ? { keys: signing } : (signing as ShapingOptions)
  return new Elysia()
    .use(core({ database: db, signals: false, ...more }))
    .use([...plugins])
    .use(shaping(options))
    .get('/notes', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
    .get('/ids', ({ request }) => idsWhere(db, list.from({ request }).where()), { ...list.hook, public: true })
}

/** A query of one's own, with the list's condition. */
async function idsWhere(db: Database, condition: SQL | undefined): Promise<number[]> {
  const table = notes.for(db)
  const rows = await db.drizzle.select({ id: table.id }).from(table).where(condition).orderBy(table.id)
  return rows.map(({ id }) => id)
}

export interface Answer {
  readonly status: number
  readonly data: Record<string, unknown>[]
  readonly ids: unknown[]
  readonly page: { limit: number; next?: string; prev?: string; hasMore: boolean; count?: unknown }
  readonly errors: { parameter: string; code: string; detail: string; allowed?: string[]; suggestion?: string }[]
  readonly code: string
  readonly link: string
}

export async function ask(app: AnyElysia, query: string, init: RequestInit = {}): Promise<Answer> {
  const response = await app.handle(new Request(`http://localhost/notes${query}`, init))
  const body = (await response.json()) as Answer
  return {
    ...body,
    status: response.status,
    ids: body.data?.map((row) => row['id']),
    link: response.headers.get('link') ?? '',
  }
}

export interface Statement {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** The database, with every statement that goes through it written down. */
export function watched(db: Database, statements: Statement[]): Database {
  return new Proxy(db, {
    get(target, key) {
      const value = Reflect.get(target, key, target)
      if (key !== 'values' && key !== 'valuesNow') return typeof value === 'function' ? value.bind(target) : value
      return (text: string, parameters: readonly unknown[]) => {
        const answer = value.call(target, text, parameters)
        // Where there is no answer at once, the same is asked again.
        if (answer !== undefined) statements.push({ text, parameters })
        return answer
      }
    },
  })
}
