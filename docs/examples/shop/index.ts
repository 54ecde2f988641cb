import { fileURLToPath } from 'node:url'
import { servicesOf } from 'kwik'
import { Scope } from 'kwik/core'
import { migrate } from 'kwik/database'
import { app } from './app.ts'
import { accounts, database, platform, server } from './platform.ts'
import { seed } from './seed.ts'

await migrate(database, { folder: fileURLToPath(new URL('./migrations', import.meta.url)) })
const login = await seed()
app.listen({ port: server.port, hostname: server.host, reusePort: false })

const scope = new Scope(new Request('http://localhost/'))
const { accessToken: token } = await servicesOf(platform).sessions!.begin(scope, await accounts.login(login))
const base = `http://localhost:${app.server!.port}`
const curl = (path: string, ...more: string[]): string =>
  [`curl -g '${base}${path}'`, `-H 'authorization: Bearer ${token}'`, ...more].join(' ')

console.log(`The shop is open at ${base} (API document: ${base}/openapi)

Sign in as ${login.email} with ${login.password}
(clerk@shop.example has the same password and fewer permissions), or paste one of these:

The dearest five from 10.00 on; the Link header and page.next lead on:
  ${curl('/products?price[gte]=10&sort=-price&limit=5', '-i')}

Live products with "tea" in their name:
  ${curl('/products?status=live&name[contains]=tea&fields=name,price')}

Products of one category, dearest first, each with its category:
  ${curl('/products?category.name=Coffee&sort=-price&limit=3&fields=name,price,category.name')}

All that is nearly sold out, as a table:
  ${curl('/products/export?format=csv&stock[lte]=3&fields=sku,name,stock')}

A new product:
  ${curl('/products', '-X POST', "-H 'content-type: application/json'", `-d '{"sku":"NEW-${Date.now().toString(36)}","name":"Green tea","price":"4.50"}'`)}

What is wrong, all at once:
  ${curl('/products?prise[gte]=10&limit=x')}

A token of your own:
  curl '${base}/auth/login' -H 'content-type: application/json' -d '${JSON.stringify(login)}'
`)
