import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { LoadModule } from '../layers/config-files.ts'

/**
 * Loads modules as they are now: the loader keeps what it has read under a name, so each text gets a name of its own.
 * What they import is not read anew.
 */
export async function importFresh(paths: readonly string[]): Promise<LoadModule> {
  const loaded = new Map<string, { readonly value: unknown } | { readonly error: unknown }>()
  for (const path of paths) {
    try {
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
      // Bun forgets the query of a file: URL, and keeps that of a path.
      const module = (await import(`${'Bun' in globalThis ? path : pathToFileURL(path).href}?text=${hash}`)) as {
        default?: unknown
      }
      loaded.set(path, { value: module.default })
    } catch (error) {
      loaded.set(path, { error })
    }
  }
  return (path) => {
    const found = loaded.get(path)
    if (found && 'value' in found) return found.value
    throw found?.error ?? new Error('it came while the others were read')
  }
}
