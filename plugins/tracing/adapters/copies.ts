import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

interface Copy {
  readonly version: string
  readonly folder: string
}

const name = '@opentelemetry/api'

/**
 * Refuses an app in which two versions of OpenTelemetry's API meet: each keeps what it is given to itself, so that spans
 * made through one of them are lost, and nothing says so.
 *
 * @param folders where the app's own code begins
 * @throws {Error} naming both copies and what to do
 */
export function refuseTwoCopies(folders: readonly string[] = [process.cwd()]): void {
  const here = fileURLToPath(import.meta.url)
  const found = new Map<string, Copy>()
  for (const from of [here, ...folders.map((folder) => join(folder, 'package.json'))]) {
    const copy = copyFor(from)
    if (copy !== undefined) found.set(copy.version, found.get(copy.version) ?? copy)
    for (const other of ['@opentelemetry/sdk-trace-base', '@elysiajs/opentelemetry', '@elysia/opentelemetry']) {
      const inside = resolved(from, other)
      const its = inside && copyFor(inside)
      if (its) found.set(its.version, found.get(its.version) ?? its)
    }
  }
  if (found.size < 2) return
  const all = [...found.values()].map(({ version, folder }) => `${version} in ${folder}`).join(' and ')
  const [ours] = found.keys()
  throw new Error(
    `tracing: there are ${found.size} versions of ${name}: ${all}. Spans of one of them would be lost. Let all use one: ` +
      `bun add --exact ${name}@${ours}, and "overrides": { "${name}": "${ours}" } in package.json where another package brings its own`,
  )
}

/** In a bundle there is nothing to find, and one copy of what was bundled. */
function copyFor(from: string): Copy | undefined {
  const entry = resolved(from, name)
  for (let folder = entry && dirname(entry); folder && folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (!existsSync(file)) continue
    const said = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string }
    if (said.name === name && said.version) return { version: said.version, folder: realpathSync(folder) }
  }
  return undefined
}

function resolved(from: string, specifier: string): string | undefined {
  try {
    return createRequire(from).resolve(specifier)
  } catch {
    return undefined
  }
}
