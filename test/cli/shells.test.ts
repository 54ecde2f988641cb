import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { expect, test } from '#test'
import { enter, onTerminal } from './terminal.ts'

/** Everything that the grammar of fields can say. */
const words = [
  'name:string!',
  'sku:string:40:unique!',
  'price:decimal:10.2',
  'status:enum:draft,live=draft',
  'tags:list:string',
  'author:ref:users:set-null:filter',
]
const shells: Record<string, readonly string[]> = {
  bash: ['--norc', '-i'],
  zsh: ['-f', '-i'],
  fish: ['--no-config', '-i'],
}

for (const [shell, flags] of Object.entries(shells)) {
  const there = spawnSync(shell, ['-c', 'exit']).status === 0
  test.skipIf(!there)(`an interactive ${shell} hands the words of the grammar on as they are`, async () => {
    const { screen } = await onTerminal([shell, ...flags], tmpdir(), [
      { after: '', keys: `printf '[%s]' ${words.join(' ')}${enter}` },
      { after: '[author', keys: `exit${enter}` },
    ])
    expect(screen).toContain(words.map((word) => `[${word}]`).join(''))
  })
}
