import { Elysia } from 'elysia'
import { core } from '#core/access'
import { announce } from './announce.ts'
import { withRoutes } from './routes.ts'

/** W1 to W3 on core alone: what the phases cost before any plugin. */
const app = withRoutes(new Elysia().use(core()), { public: true }).listen({ port: 0, hostname: '127.0.0.1' })
announce(app.server?.port)
