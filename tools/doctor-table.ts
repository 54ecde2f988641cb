#!/usr/bin/env bun
/** Writes the table of docs/reference/doctor.md from the codes of `kwik doctor`: `bun tools/doctor-table.ts`. */
import { codes } from '../cli/doctor/codes.ts'
import { tableOf } from './markdown-table.ts'

const begin = '<!-- codes: written by tools/doctor-table.ts -->'
const end = '<!-- end of codes -->'
const file: string = `${import.meta.dir}/../docs/reference/doctor.md`

/** The page with its table replaced. */
export function withTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`docs/reference/doctor.md has lost its marks ${begin} and ${end}`)
  const rows = Object.entries(codes).map(([code, kind]) => [
    `\`${code}\``,
    kind.level,
    kind.inProduction ? 'production' : 'always',
    kind.why,
    kind.remedy,
  ])
  const table = tableOf(['code', 'level', 'looked at', 'why', 'what to do'], rows)
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`
}

if (import.meta.main) await Bun.write(file, withTable(await Bun.file(file).text()))
