import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliFailure } from './failure.ts'

/** An app of Kwik, found from the folder in which the command runs. */
export interface Project {
  readonly root: string
  /** A path inside it. */
  path(...parts: string[]): string
}

/**
 * The app around a folder: the nearest package.json that depends on kwik.
 *
 * @throws {CliFailure} when there is none
 */
export function findProject(from: string = process.cwd()): Project {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (dependsOnKwik(join(folder, 'package.json'))) return { root: folder, path: (...parts) => join(folder, ...parts) }
    if (folder === dirname(folder))
      throw new CliFailure(`no app of Kwik in ${from} or above it: make one with "bun create kwik <name>"`)
  }
}

function dependsOnKwik(file: string): boolean {
  if (!existsSync(file)) return false
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >
  return 'kwik' in dependencies || 'kwik' in devDependencies
}

/**
 * What a module of the app exports under a name.
 *
 * @param file from the app's root: `src/database.ts`
 * @param check whether the value is what the command needs
 * @throws {CliFailure} when the file or the export is not there
 */
export async function exported<T>(
  project: Project,
  file: string,
  name: string,
  check: (value: unknown) => value is T,
): Promise<T> {
  const path = project.path(file)
  if (!existsSync(path))
    throw new CliFailure(`${file} is not there: it must export ${name === 'default' ? 'a default' : `"${name}"`}`)
  // Paths in settings, such as sqlite:./data/app.sqlite, are the app's.
  process.chdir(project.root)
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  const value = module[name]
  if (!check(value))
    throw new CliFailure(
      `${file} must export ${name === 'default' ? 'a default' : `"${name}"`}, as "bun create kwik" writes it`,
    )
  return value
}
