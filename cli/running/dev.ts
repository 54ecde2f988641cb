import { findProject } from '../project.ts'
import { runBun } from './bun.ts'

/** Serves the app and takes up every change of its files. */
export async function runDev(port: number | undefined): Promise<void> {
  const project = findProject()
  await runBun(
    ['--hot', '--no-clear-screen', 'src/index.ts'],
    project.root,
    port === undefined ? {} : { PORT: String(port) },
  )
}
