import { type AnyElysia, Elysia } from 'elysia'

/**
 * Takes another maker's plugin in and says aloud that anybody may call its routes. From `kwik`.
 * @example app.use(open(staticFiles()))
 */
export function open<App extends AnyElysia>(plugin: App): App {
  return guarded({ public: true }, plugin)
}

/**
 * Takes another maker's plugin in with a guard before all its routes. From `kwik`.
 * @example app.use(guarded({ permission: 'admin:read' }, adminPanel()))
 */
export function guarded<App extends AnyElysia>(options: Readonly<Record<string, unknown>>, plugin: App): App {
  const app: AnyElysia = new Elysia()
  return app.guard(options as never, (inner: AnyElysia) => inner.use(plugin)) as unknown as App
}
