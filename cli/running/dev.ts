import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProject } from '../project.ts'
import { runBun } from './bun.ts'

/** Serves the app and takes up every change of its files. */
export async function runDev(port: number | undefined): Promise<void> {
  const project = findProject()
  // Compiled, there is no TypeScript beside us.
  const serve = [new URL('./serve.ts', import.meta.url), new URL('./serve.js', import.meta.url)].map((url) =>
    fileURLToPath(url),
  )
  const file = serve.find((path) => existsSync(path)) ?? 'src/index.ts'
  await runBun(['--hot', '--no-clear-screen', file], project.root, port === undefined ? {} : { PORT: String(port) })
}
