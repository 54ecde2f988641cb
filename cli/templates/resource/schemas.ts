import { shape } from 'kwik/shaping'
import { products } from './model.ts'

/** How the list of «products» may be filtered, sorted and paged. Bodies follow from the table. */
export const productList = shape(products, {
  filter: {
    // kwik:filter
    name: true,
    price: true,
    // kwik:end
  },
  sort: {
    // kwik:sort
    keys: ['createdAt', 'name', 'price'],
    // kwik:end
    default: '-createdAt',
  },
  // kwik:secret
  // kwik:end
  limit: { default: 20, max: 100 },
})
