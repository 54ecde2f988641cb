import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '#test'
import { compile } from './compile.ts'
import type { Mistake } from './mistakes.ts'

const folder: string = join(import.meta.dir, 'snapshots')

/**
 * Compiles each program and compares the compiler's words with test/types/snapshots/<name>.txt.
 * `UPDATE_SNAPSHOTS=1 bun test test/types` writes them anew: read the change before it lands.
 */
export async function describeMistakes(family: string, mistakes: Readonly<Record<string, Mistake>>): Promise<void> {
  const sources = Object.fromEntries(Object.entries(mistakes).map(([name, { source }]) => [name, source]))
  const verdicts = await compile(sources)
  describe(family, () => {
    test.each(Object.entries(mistakes))('%s', (name, { wrong, allowed }) => {
      const { messages } = verdicts[name]!
      const lines = messages.split('\n')
      expect(lines.length).toBeLessThanOrEqual(10)
      for (const word of [wrong, ...allowed]) expect(messages).toContain(word)
      const file = join(folder, `${name}.txt`)
      if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(file, `${messages}\n`)
      expect(existsSync(file)).toBe(true)
      expect(`${messages}\n`).toBe(readFileSync(file, 'utf8'))
    })
  })
}
