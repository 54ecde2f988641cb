import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface SourceOfApp {
  /** From the app's root. */
  readonly path: string
  readonly text: string
}

const largest = 1_000_000
const isCode = /\.(?:[cm]?[jt]sx?|json|ya?ml|toml|sh|md|example)$|^Dockerfile/

/** The files that are copied with the code: sources, examples, configuration at the root. */
export function sourcesOf(root: string): readonly SourceOfApp[] {
  const found: SourceOfApp[] = []
  const read = (path: string): void => {
    const file = join(root, path)
    if (statSync(file).size <= largest) found.push({ path, text: readFileSync(file, 'utf8') })
  }
  for (const entry of readdirSync(root, { withFileTypes: true }))
    if (entry.isFile() && isCode.test(entry.name)) read(entry.name)
  for (const folder of ['src', 'test'])
    if (existsSync(join(root, folder)))
      for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
        if (isCode.test(name) && statSync(join(root, folder, name)).isFile()) read(join(folder, name))
  return found
}

/** The files that git keeps; none where there is no repository. */
export function keptByGit(root: string, ...patterns: readonly string[]): readonly string[] {
  const { status, stdout } = spawnSync('git', ['ls-files', '-z', '--', ...patterns], { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.split('\0').filter((path) => path !== '') : []
}
