import { Elysia } from 'elysia'
import { platform } from './platform.ts'
import { resources } from './resources/routes.ts'

export const app = new Elysia()
  .use(platform)
  .use(resources)
  .get('/', ({ redirect }) => redirect('/openapi'), { public: true, detail: { hide: true } })

export type App = typeof app
