import { resource } from 'kwik/resources'
import { products } from './model.ts'
import { productList } from './schemas.ts'

/** The «products»: rules of the business are `hooks` here, and hold over HTTP and in process alike. */
export const productResource = resource('products', {
  table: products,
  list: productList,
})

/** The same without HTTP, for jobs, scenarios and other resources. */
export const productService = productResource.service
