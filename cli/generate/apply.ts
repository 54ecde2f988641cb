import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unifiedDiff } from './diff.ts'
import { basePath, type Change, textOf } from './plan.ts'

/**
 * Writes the changes; what was refused goes beside the file as `.rej`, and the file stays as it is: its owner brings
 * the two together, and the next merge goes on from there.
 */
export async function apply(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, what, before, after, base } of changes) {
    if (what === 'refused') {
      const generated = (await textOf(join(root, basePath(path)))) ?? before
      await write(join(root, `${path}.rej`), unifiedDiff(path, generated, after))
    } else if (after !== before) await write(join(root, path), after)
    if (base !== undefined && base !== (await textOf(join(root, basePath(path)))))
      await write(join(root, basePath(path)), base)
  }
}

/** Through a rename, so that a reader sees the old text or the new, never half. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.tmp`
  await writeFile(draft, text)
  await rename(draft, path)
}
