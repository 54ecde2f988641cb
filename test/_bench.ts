import { Elysia } from 'elysia'
import { core } from '#core/access'
import { resource } from '../plugins/resources/index.ts'
import { appOf, products, tables } from './plugins/resources/app.ts'
import { defineTable } from '../plugins/database/index.ts'
import { shaping } from '../plugins/shaping/index.ts'
import { withDatabase } from './services.ts'
const small = defineTable('products', (t) => ({ id: t.id(), name: t.string(40), price: t.decimal(10, 2).nullable(), status: t.enum('draft', 'live').default('draft'), createdAt: t.datetime(), ...{} }))
for (const kind of ['SQLite in memory', 'SQLite file', 'PostgreSQL'] as const)
await withDatabase(kind, tables, async (db) => {
  const shop = resource('products', { table: products, list: { filter: { price: true }, sort: { keys: ['price'], default: '-price' } } })
  const open = resource('open', { table: products, audit: false, permissions: false, list: { filter: { price: true }, sort: { keys: ['price'], default: '-price' } } })
  const { app, ask } = appOf(db, [shop, open])
  app.get('/bare/:id', ({ params }) => ({ id: params.id, name: 'Pen' }), { public: true } as never)
  let id = ''
  for (let i = 0; i < 200; i++) id = (await ask('POST', '/products', { name: 'Pen', sku: 's' + i, price: `${i}.00` })).body.id
  const time = async (name: string, make: () => Request, n: number) => {
    for (let i = 0; i < n / 4; i++) await (await app.handle(make())).arrayBuffer()
    let best = Infinity
    for (let round = 0; round < 3; round++) { const c = process.cpuUsage(); const t = performance.now(); for (let i = 0; i < n; i++) await (await app.handle(make())).arrayBuffer(); const ms = performance.now() - t; const u = process.cpuUsage(c); best = Math.min(best, (u.user + u.system) / n); if (round === 2) console.log(kind, name, 'wall us', (ms * 1000 / n).toFixed(1), 'best cpu us', best.toFixed(1)) }
  }
  const n = kind === 'PostgreSQL' ? 1000 : 5000
  const h = { authorization: 'alice' }
  await time('bare', () => new Request('http://localhost/bare/' + id), n)
  await time('get public', () => new Request('http://localhost/open/' + id), n)
  await time('get permission', () => new Request('http://localhost/products/' + id, { headers: h }), n)
  await time('list 20', () => new Request('http://localhost/products?price[gte]=10&sort=-price&limit=20', { headers: h }), n / 5)
  await time('list 5', () => new Request('http://localhost/products?price[gte]=10&sort=-price&limit=5', { headers: h }), n / 5)
  let k = 0
  await time('patch', () => new Request('http://localhost/products/' + id, { method: 'PATCH', headers: { ...h, 'content-type': 'application/json' }, body: `{"stock":${k++ % 100}}` }), n / 10)
  await time('post', () => new Request('http://localhost/products', { method: 'POST', headers: { ...h, 'content-type': 'application/json' }, body: `{"name":"x","sku":"n${k++}","price":"1.00"}` }), n / 10)
})
