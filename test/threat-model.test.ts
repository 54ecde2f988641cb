import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '#test'
import { projectFiles, root } from './sources.ts'

/** `file › name` of each attack that a test runs. */
function attacksIn(files: readonly string[], read: (file: string) => string): string[] {
  const call = /^\s*(?:test|onBun|both|inEach|with[A-Z]\w+\.test)\(\s*(['"`])((?:\\.|(?!\1).)+)\1/gm
  return files.flatMap((file) =>
    [...read(file).matchAll(call)].map(([, , name]) => `${file} › ${name!.replaceAll('\\', '')}`),
  )
}

/** The rows of the page, as the same. */
const rowsOf = (page: string): string[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|') && line.includes(' › '))
    .map((line) => /`(test\/[^`]+)` › (.*?)\s*\|$/.exec(line)?.slice(1).join(' › ') ?? line)

/** Whether a file outside `test/attacks/` has a test, or a row of a table of tests, of this name. */
function isTestIn(row: string): boolean {
  const [file, name] = row.split(' › ') as [string, string]
  if (!existsSync(`${root}/${file}`)) return false
  const source = readFileSync(`${root}/${file}`, 'utf8').replaceAll("\\'", "'")
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted))
}

const files = projectFiles().filter((path) => /^test\/attacks\/.*\.test\.ts$/.test(path))
const attacks = attacksIn(files, (file) => readFileSync(`${root}/${file}`, 'utf8'))
const rows = rowsOf(readFileSync(`${root}/docs/explanation/threat-model.md`, 'utf8'))

describe('docs/explanation/threat-model.md', () => {
  test('names a test for each threat that is there', () => {
    expect(rows.filter((row) => !attacks.includes(row) && !isTestIn(row))).toEqual([])
    expect(isTestIn('test/attacks/edges.test.ts › an attack that nobody tests')).toBe(false)
    expect(isTestIn('test/nowhere.test.ts › x')).toBe(false)
  })

  test('has a row for each attack that a test runs', () => {
    expect(attacks.filter((attack) => !rows.includes(attack))).toEqual([])
  })

  test('says each of them once', () => {
    expect(rows.filter((row, at) => rows.indexOf(row) !== at)).toEqual([])
    expect(attacks.length).toBeGreaterThan(30)
  })
})

test('a row without its test, and a test without its row, are seen', () => {
  const source = `describe('a', () => {\n  test('one', () => {})\n  onBun(\n    "it's two",\n    () => {})\n  withRedis.test('three', () => {})`
  expect(attacksIn(['test/attacks/x.test.ts'], () => source)).toEqual([
    'test/attacks/x.test.ts › one',
    "test/attacks/x.test.ts › it's two",
    'test/attacks/x.test.ts › three',
  ])
  expect(rowsOf('| a | b | `test/attacks/x.test.ts` › one  |\n| c | d | e |')).toEqual(['test/attacks/x.test.ts › one'])
})
