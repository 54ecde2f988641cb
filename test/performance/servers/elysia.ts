import { Elysia } from 'elysia'
import { announce } from './announce.ts'
import { withRoutes } from './routes.ts'

/** W1 to W3 on Elysia alone. */
const app = withRoutes(new Elysia(), {}).listen({ port: 0, hostname: '127.0.0.1' })
announce(app.server?.port)
