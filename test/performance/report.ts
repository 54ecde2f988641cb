import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Summary } from './rounds.ts'

export interface Result {
  readonly scenario: string
  readonly what: string
  readonly rounds: number
  /** Rounds that say nothing, and were left out. */
  readonly voided: number
  readonly servers: readonly Summary[]
}
export interface Report {
  readonly at: string
  readonly runtime: string
  readonly load: string
  readonly results: readonly Result[]
}

const page: string = join(import.meta.dir, '../../docs/explanation/performance.md')
const folder: string = join(import.meta.dir, 'results')
const begin = '<!-- results: written by bun run bench -->'
const end = '<!-- end of results -->'

/** Keeps the results of the scenarios that ran as JSON, and writes the table of the page from all that are kept. */
export function keep(report: Report): void {
  for (const result of report.results)
    writeFileSync(
      join(folder, `${result.scenario}.json`),
      `${JSON.stringify({ ...report, results: [result] }, null, 2)}\n`,
    )
  const kept = ['W1', 'W2', 'W3', 'W4', 'W5', 'observe'].flatMap((name) => readResult(name) ?? [])
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to === -1)
    throw new Error(`docs/explanation/performance.md has lost its marks ${begin} and ${end}`)
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${tableOf(kept)}\n${text.slice(to)}`)
}

function readResult(name: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Report
  } catch {
    return undefined
  }
}

function tableOf(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ results }) => results.flatMap(rowsOf))
  return `| work | server | answers for one second of processor | least to most | microseconds each | ratio |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

function rowsOf({ scenario, what, servers }: Result): string[] {
  return servers.map(({ server, capacity, least, most, cpu }, at) =>
    [
      '',
      at === 0 ? ` ${scenario}: ${what} ` : ' ',
      // The yardstick of W4's reference answers W1.
      ` ${scenario === 'W4' && server === 'raw' ? 'raw, asked for W1' : server} `,
      ` ${whole(capacity)} `,
      ` ${whole(least)} to ${whole(most)} `,
      ` ${cpu.toFixed(1)} `,
      ` ${(capacity / servers[0]!.capacity).toFixed(2)} `,
      '',
    ].join('|'),
  )
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
