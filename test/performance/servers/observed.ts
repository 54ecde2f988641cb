import { type AnyElysia, Elysia } from 'elysia'
import { type KwikOptions, kwik } from 'kwik'
import { announce } from './announce.ts'
import { withRoutes } from './routes.ts'

/** The route of W2 in an app that is watched more or less. */
export function serveObserved(options: KwikOptions): void {
  const platform = kwik(options)
  const app: AnyElysia = withRoutes(new Elysia().use(platform), { public: true })
  app.listen({ port: 0, hostname: '127.0.0.1' })
  announce(app.server?.port)
}

/** A collector in a process of its own. @returns its URL */
export async function startCollector(): Promise<string> {
  const child = Bun.spawn([process.execPath, '--no-env-file', `${import.meta.dir}/collector.ts`], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const { value } = await child.stdout.getReader().read()
  return `http://127.0.0.1:${new TextDecoder().decode(value).trim()}`
}
