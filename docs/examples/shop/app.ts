import { Elysia, t } from 'elysia'
import { type Ctx, controller, routes } from 'kwik'
import { resource } from 'kwik/resources'
import { one, shape } from 'kwik/shaping'
import { platform } from './platform.ts'
import { categories, products } from './tables.ts'

const api = routes(() => platform)
const summary = api.get('/summary', {
  permission: 'products:read',
  response: t.Object({ products: t.Integer(), live: t.Integer() }),
  detail: { summary: 'How many products there are' },
})

/** What no resource gives: a route of a class, with the same options. */
class Shop {
  @summary async summary({ db }: Ctx<typeof summary>) {
    const [row] = await db.values(
      "select count(*), coalesce(sum(case when status = 'live' then 1 else 0 end), 0) from products",
    )
    return { products: Number(row![0]), live: Number(row![1]) }
  }
}

const categoryList = shape(categories, { filter: { name: true }, sort: { keys: ['name'], default: 'name' } })

export const app = new Elysia()
  .use(platform)
  .use(
    resource('products', {
      table: products,
      list: {
        filter: { name: ['contains', 'eq'], price: true, stock: true, status: true, categoryId: true, createdAt: true },
        sort: { keys: ['name', 'price', 'stock', 'createdAt', 'category.name'], default: '-createdAt' },
        relations: { category: one(categoryList, 'categoryId') },
        search: { fields: ['name'], index: 'scan' },
      },
      export: ['csv', 'ndjson'],
    }),
  )
  .use(resource('categories', { table: categories, list: categoryList }))
  .use(controller('/shop', platform, new Shop()))
