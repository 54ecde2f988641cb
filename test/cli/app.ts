import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeApp } from '../../cli/create-kwik/template.ts'
import { execute, kwik, type Outcome } from './command.ts'

/** A new app in a folder of its own, on the sources of Kwik and its packages. */
export interface TestApp {
  readonly root: string
  kwik(...words: string[]): Promise<Outcome>
  /** `bun test` in the app. */
  tests(): Promise<Outcome>
  /** `tsc` in the app: what it complains of. */
  types(): Promise<string>
  /** A copy, with all that was done so far. */
  copy(): TestApp
  remove(): void
}

/** Folder of this repository. */
export const repository: string = fileURLToPath(new URL('../..', import.meta.url))

export async function newApp(): Promise<TestApp> {
  const root = mkdtempSync(join(tmpdir(), 'kwik-app-'))
  await writeApp(root, { name: 'shop', version: '0.0.0', db: 'sqlite', bringBun: false })
  const modules = join(root, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(repository, 'node_modules')))
    symlinkSync(join(repository, 'node_modules', name), join(modules, name))
  symlinkSync(repository, join(modules, 'kwik'))
  return appIn(root)
}

function appIn(root: string): TestApp {
  return {
    root,
    kwik: (...words) => kwik(words, { cwd: root, patience: 60_000 }),
    tests: () => execute('bun', ['test'], { cwd: root, patience: 60_000 }),
    types: async () => (await execute('bunx', ['tsc', '--noEmit'], { cwd: root, patience: 60_000 })).out,
    copy: () => {
      const other = mkdtempSync(join(tmpdir(), 'kwik-app-'))
      cpSync(root, other, { recursive: true, verbatimSymlinks: true })
      return appIn(other)
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
