import { Elysia } from 'elysia'
import { productResource } from './service.ts'

/** GET and POST /products; GET, PATCH, PUT and DELETE /products/:id. Routes of your own go below. */
export const productRoutes = new Elysia().use(productResource)
