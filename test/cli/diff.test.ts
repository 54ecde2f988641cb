import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from '#test'
import { unifiedDiff } from '../../cli/generate/diff.ts'

test('a diff names the lines, with three around them', () => {
  const before = 'one\ntwo\nthree\nfour\nfive\nsix\n'
  expect(unifiedDiff('list.ts', before, before.replace('five', '5'))).toBe(
    '--- a/list.ts\n+++ b/list.ts\n@@ -2,5 +2,5 @@\n two\n three\n four\n-five\n+5\n six\n',
  )
  expect(unifiedDiff('new.ts', undefined, 'a\n')).toBe('--- /dev/null\n+++ b/new.ts\n@@ -0,0 +1,1 @@\n+a\n')
  expect(unifiedDiff('list.ts', before, before)).toBe('')
})

test('git applies every diff', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-diff-'))
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '  d'), { maxLength: 30 })
  try {
    fc.assert(
      fc.property(text, text, fc.boolean(), (a, b, ends) => {
        const [before, after] = [a, b].map((lines) => lines.join('\n') + (ends ? '\n' : ''))
        if (before === after || before === '' || after === '') return
        writeFileSync(join(folder, 'x'), before!)
        const { status, stderr } = spawnSync('git', ['apply', '-p1', '--whitespace=nowarn', '-'], {
          cwd: folder,
          input: unifiedDiff('x', before, after!),
          encoding: 'utf8',
          env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
        })
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        expect(readFileSync(join(folder, 'x'), 'utf8')).toBe(after!)
      }),
      { numRuns: 60 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
