import { readFileSync } from 'node:fs'
import type { ProblemKind } from '#core/problem'
import { describe, expect, test } from '#test'
import { withTable } from '../tools/errors-table.ts'
import { projectFiles, readSources, root } from './sources.ts'

/** In a process of its own: tests of other files register codes too. */
const printed = Bun.spawnSync([process.execPath, 'tools/errors-table.ts', '--json'], { cwd: root })
const families: Record<string, Record<string, ProblemKind>> = JSON.parse(printed.stdout.toString())
const page: string = readFileSync(`${root}/docs/reference/errors.md`, 'utf8')

const registered: string[] = Object.values(families)
  .flatMap((kinds) => Object.entries(kinds))
  .map(([code, { status, title }]) => `${code} ${status} ${title}`)
const documented: string[] = [...page.matchAll(/^\| `(KWIK_\w+)` +\| (\d{3}) +\| (.+?) +\|/gm)].map(
  ([, code, status, title]) => `${code} ${status} ${title}`,
)

describe('docs/reference/errors.md', () => {
  test('has every code that is registered, with its status and title', () => {
    expect(registered.filter((code) => !documented.includes(code))).toEqual([])
  })

  test('has no code that is not registered', () => {
    expect(documented.filter((code) => !registered.includes(code))).toEqual([])
  })

  test('is what `bun tools/errors-table.ts` writes', () => {
    expect(page).toBe(withTable(page, families))
  })
})

describe('error codes', () => {
  test('read KWIK_<AREA>_<WHAT>, or KWIK_<WHAT> where core owns them', () => {
    const codes = Object.entries(families).flatMap(([family, kinds]) =>
      Object.keys(kinds).map((code) => [family, code]),
    )
    expect(codes.filter(([, code]) => !/^KWIK(_[A-Z0-9]+)+$/.test(code!))).toEqual([])
    expect(codes.filter(([family, code]) => family !== 'core' && code!.split('_').length < 3)).toEqual([])
  })

  test('stand for a status of refusal and say something', () => {
    const kinds = Object.values(families).flatMap((family) => Object.entries(family))
    expect(kinds.filter(([, { status, title }]) => status < 400 || status > 599 || title.length < 5)).toEqual([])
  })

  test('are defined in errors.ts files only', async () => {
    const code = await readSources(projectFiles().filter((path) => /^(src|plugins|cli)\/.*\.ts$/.test(path)))
    const makers = code.filter(({ imports }) => imports.some(({ names }) => names.includes('defineProblems')))
    const elsewhere = makers.filter(
      ({ path }) => !/^(src\/core|plugins\/[\w-]+)\/errors\.ts$|^src\/.*index\.ts$/.test(path),
    )
    expect(elsewhere.map(({ path }) => path)).toEqual([])
  })
})
