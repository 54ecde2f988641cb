import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyElysia } from 'elysia'
import { stopGracefully } from '#core/lifecycle'

// What `kwik dev` runs: every change of a file runs this again in the same process, with every module anew, Kwik's too;
// only `globalThis` stays. So the app that runs is kept together with the way to stop it.
const kept: { kwikDev?: () => Promise<void> } = globalThis as object
const load = (file: string): Promise<{ app: AnyElysia }> => import(pathToFileURL(join(process.cwd(), file)).href)

// Loaded first: while it has a mistake, the app that runs goes on.
const { app } = await load('src/app.ts')
await kept.kwikDev?.()
kept.kwikDev = () => stopGracefully(app, 1000)
await load('src/index.ts').catch((error: Error & { code?: unknown }) => {
  if (error.code !== 'EADDRINUSE') throw error
  const port = /port (\d+)/.exec(error.message)?.[1] ?? 'of the app'
  process.stderr.write(`port ${port} is taken: stop what listens there, or choose another with --port or PORT\n`)
  process.exit(1)
})
