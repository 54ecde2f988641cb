import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Brings what changed between two generated texts into a text that its owner edited, by `git merge-file`.
 *
 * @returns the merged text, or `undefined` when both changed the same lines or git is not there
 */
export async function merge(mine: string, base: string, fresh: string): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'kwik-merge-'))
  try {
    const files = ['mine', 'base', 'fresh'].map((name) => join(folder, name))
    await Promise.all([mine, base, fresh].map((text, at) => writeFile(files[at]!, text)))
    const { status, stdout } = spawnSync('git', ['merge-file', '-p', '--quiet', ...files], { encoding: 'utf8' })
    return status === 0 ? stdout : undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
