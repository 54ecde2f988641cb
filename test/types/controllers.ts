// Checked by the compiler, never run: a method sees what a `.get()` handler would see, and Eden sees the class.
import { treaty } from '@elysiajs/eden'
import { Elysia, t } from 'elysia'
import { controller, routes } from '#core/controller/controller'
import type { Ctx } from '#core/controller/types'
import { makePlatform } from '../fixtures/platform.ts'
import { same } from './routes.ts'

const platform = makePlatform()
const api = routes(() => platform)
const show = api.get('/:id', { params: t.Object({ id: t.Number() }), permission: 'posts:read' })
const create = api.post('/', { body: t.Object({ title: t.String() }), permission: 'posts:create' })
const list = api.get('/', { public: true })
// @ts-expect-error unknown permission
api.get('/x', { permission: 'posts:nope' })

class Products {
  readonly names: string[] = []
  @list all(_: Ctx<typeof list>) {
    return this.names.map((name) => ({ name }))
  }
  @show one({ params, user, status }: Ctx<typeof show>) {
    same<typeof params.id, number>(true)
    same<typeof user.email, string | undefined>(true)
    const name = this.names[params.id]
    return name === undefined ? status(404, { title: 'no such product' }) : { name, by: user.id }
  }
  @create add({ body, user }: Ctx<typeof create>) {
    this.names.push(body.title)
    return { title: body.title, by: user.id }
  }
}
class Wrong {
  // @ts-expect-error the decorator checks the method: `body` is not in this route
  @show one({ body }: { body: { nope: string } }) {
    return body.nope
  }
}
void Wrong

const products = controller('/products', platform, new Products())
const root = new Elysia().use(products)
const client = treaty<typeof root>('localhost:1')
const one = await client.products({ id: 1 }).get()
same<typeof one.data, { name: string; by: string } | null>(true)
const added = await client.products.post({ title: 'x' })
same<typeof added.data, { title: string; by: string } | null>(true)
// @ts-expect-error wrong body
await client.products.post({ titl: 'x' })
