#!/usr/bin/env bun
/**
 * Writes the table of docs/reference/errors.md from the codes that core and plugins register.
 *
 *     bun tools/errors-table.ts          writes the page
 *     bun tools/errors-table.ts --json   prints the codes
 */
import { Glob } from 'bun'
import { type ProblemKind, problemCodes, problemType } from '../src/core/problem.ts'
import { tableOf } from './markdown-table.ts'

/** Codes by the part of Kwik that owns them. */
export type Families = Readonly<Record<string, Readonly<Record<string, ProblemKind>>>>

const root: string = `${import.meta.dir}/..`
const begin = '<!-- codes: written by tools/errors-table.ts -->'
const end = '<!-- end of codes -->'

/** Loads every errors.ts; right only in a process that has loaded none of them before. */
export async function collectCodes(): Promise<Families> {
  const files = [...new Glob('plugins/*/errors.ts').scanSync(root)].sort()
  const families: Record<string, Record<string, ProblemKind>> = {}
  const known = new Set<string>()
  for (const file of ['src/core/errors.ts', ...files]) {
    await import(`${root}/${file}`)
    const added = [...problemCodes()].filter(([code]) => !known.has(code))
    for (const [code] of added) known.add(code)
    families[file.split('/')[1]!] = Object.fromEntries(added)
  }
  return families
}

/** The page with its table replaced. */
export function withTable(page: string, families: Families): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to === -1) throw new Error(`docs/reference/errors.md has lost its marks ${begin} and ${end}`)
  return `${page.slice(0, from + begin.length)}\n${tablesOf(families)}\n${page.slice(to)}`
}

function tablesOf(families: Families): string {
  return Object.entries(families)
    .filter(([, kinds]) => Object.keys(kinds).length > 0)
    .map(([family, kinds]) => {
      const rows = Object.entries(kinds)
        .sort(([a, one], [b, other]) => one.status - other.status || (a < b ? -1 : 1))
        .map(([code, { status, title }]) => [`\`${code}\``, String(status), title, `\`${problemType(code)}\``])
      return `\n## ${family}\n\n${tableOf(['code', 'status', 'title', 'type'], rows)}\n`
    })
    .join('')
}

if (import.meta.main) {
  const families = await collectCodes()
  if (process.argv.includes('--json')) console.log(JSON.stringify(families))
  else {
    const page = Bun.file(`${root}/docs/reference/errors.md`)
    await Bun.write(page, withTable(await page.text(), families))
  }
}
