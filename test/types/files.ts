// Checked by the compiler, never run: what file columns are to clients and to the service of their resource.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { memoryFiles } from '#core/adapters/memory-files'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../plugins/database/index.ts'
import { resource } from '../../plugins/resources/index.ts'
import { same } from './routes.ts'

const table = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(40),
  photo: t.file().nullable(),
  manual: t.file().nullable(),
}))
const fileStore = memoryFiles()
const products = resource('products', {
  table,
  permissions: false,
  fileStore,
  files: { photo: { types: ['image/png'], maxBytes: '5MB' } },
})
const app = new Elysia().use(products)
const api = treaty<typeof app>('localhost:1')

const put = await api.products({ id: 'x' }).photo.put({ file: new File([], 'a.png') })
if (put.data) same<typeof put.data.photo, string | null>(true)
const refusal = put.error
if (refusal?.status === 413) same<typeof refusal.value.code, string>(true)
await api.products({ id: 'x' }).photo.get()
await api.products({ id: 'x' }).photo.delete()
// @ts-expect-error no files are declared for it
await api.products({ id: 'x' }).manual.get()
// @ts-expect-error only uploads write it
await api.products.post({ name: 'Pen', photo: 'a.png' })
// @ts-expect-error only uploads write it
await api.products({ id: 'x' }).patch({ manual: null })

declare const db: Database
const row = await products.service.putFile('x', 'photo', new Blob(), { db })
same<typeof row.photo, string | null>(true)
const opened = await products.service.openFile('x', 'photo', { db })
same<typeof opened.filename, string | undefined>(true)
// @ts-expect-error no files are declared for it
await products.service.putFile('x', 'manual', new Blob(), { db })

// @ts-expect-error no file column
resource('products', { table, fileStore, files: { name: { types: ['image/png'] } } })
// @ts-expect-error types are not said
resource('products', { table, fileStore, files: { photo: {} } })
// @ts-expect-error no size
resource('products', { table, fileStore, files: { photo: { types: ['image/png'], maxBytes: '5 megabytes' } } })
const plain = resource('products', { table, permissions: false })
// @ts-expect-error it has no files
await plain.service.putFile('x', 'photo', new Blob(), { db })
