// Checked by the compiler, never run: what the history of a resource is to clients and to its service.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../plugins/database/index.ts'
import { type FieldChange, historyTable, resource } from '../../plugins/resources/index.ts'
import { same } from './routes.ts'

const table = defineTable('labels', (t) => ({ id: t.id(), text: t.string(40), size: t.int().nullable() }))
const kept = resource('labels', {
  table,
  permissions: false,
  history: { table: historyTable('label_history'), redact: ['size'], keep: '365d' },
})
const app = new Elysia().use(kept)
const { data } = await treaty<typeof app>('localhost:1')
  .labels({ id: 'x' })
  .history.get({ query: { limit: 5 } })
if (data) {
  same<(typeof data.data)[number]['changes']['size'], FieldChange<number | null> | undefined>(true)
  same<(typeof data.data)[number]['impersonatorId'], string | null>(true)
}
declare const db: Database
const page = await kept.service.history('x', { db }, { action: 'update' })
same<(typeof page.data)[number]['changes']['text'], FieldChange<string | null> | undefined>(true)

const plain = resource('labels', { table, permissions: false })
// @ts-expect-error no history is kept
await plain.service.history('x', { db })
const bare = new Elysia().use(plain)
// @ts-expect-error no such route
await treaty<typeof bare>('localhost:1').labels({ id: 'x' }).history.get()
// @ts-expect-error no duration
resource('labels', { table, permissions: false, history: { keep: 'a year' } })
// @ts-expect-error no history table
resource('labels', { table, permissions: false, history: { table } })
