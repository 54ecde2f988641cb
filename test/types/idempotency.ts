// Checked by the compiler, never run: what `idempotent` takes, and what its refusals are to clients.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import type { Problem } from '#core/problem'
import { defineTable } from '../../plugins/database/index.ts'
import { memoryKeys, resource } from '../../plugins/resources/index.ts'
import { same } from './routes.ts'

const app = new Elysia()
  .use(kwik({ idempotency: { ttl: '1h', store: memoryKeys() } }))
  .post('/a', () => ({ n: 1 }), { public: true, idempotent: true })
  .post('/b', () => 'x', { public: true, idempotent: { required: true, ttl: '5m', maxBytes: 10, headers: ['x-own'] } })
  .post('/c', () => 'x', { public: true, idempotent: false })
  // @ts-expect-error no duration
  .post('/d', () => 'x', { public: true, idempotent: { ttl: '5 minutes' } })
  // @ts-expect-error misspelt
  .post('/e', () => 'x', { public: true, idempotent: { require: true } })

const { data, error } = await treaty<typeof app>('localhost:1').a.post()
if (data) same<typeof data.n, number>(true)
if (error?.status === 409) same<typeof error.value, Problem>(true)

// @ts-expect-error no such option without its part
new Elysia().use(kwik({})).post('/a', () => 'x', { idempotent: true })

const table = defineTable('labels', (t) => ({ id: t.id() }))
resource('labels', { table, permissions: false, idempotent: { required: true } })
// @ts-expect-error no size
resource('labels', { table, permissions: false, idempotent: { maxBytes: '1MB' } })
