// Checked by the compiler, never run: scenarios and factories know their words.
import { factory } from 'kwik/testing'
import { makeShop, products } from '../testing/shop.ts'
import { same } from './routes.ts'

const { Scenario } = makeShop()
const s = await Scenario()
  .withUser('alice', { admin: true })
  .withUser('bob')
  .withProducts(5, { price: '1.00' }, 'live')
  .build()
same<typeof s.users.alice.email, string>(true)
same<(typeof s.products)[0]['status'], 'draft' | 'live'>(true)
// @ts-expect-error nobody of this name is in the scenario
s.users.carol
// @ts-expect-error no such rows were asked for
s.categories
// @ts-expect-error no such factory
Scenario().withProduct(5)
// @ts-expect-error no such trait
Scenario().withProducts(1, {}, 'sold')
// @ts-expect-error no such field
Scenario().withProducts(1, { colour: 'red' })
// @ts-expect-error not one of the values
factory(products, () => ({ status: 'sold' }))
factory(products, ({ seq }) => ({ status: seq > 1 ? 'live' : 'draft', name: `Product ${seq}` }))
