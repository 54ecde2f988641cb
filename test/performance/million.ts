#!/usr/bin/env bun
/**
 * Pages in the middle of a million rows against first ones, and what relations cost, on SQLite and PostgreSQL.
 *
 *     bun run million                  both databases, 1,000,000 rows
 *     bun run million --rows 100000
 */
import { parseArgs } from 'node:util'
import { onEach } from './databases.ts'
import { timed, Watched } from './depth.ts'
import { fillFamilies, fillItems, itemList, orders, parentList } from './items.ts'

/** What a goal of the databases came to: the worst of all databases and orders. */
export interface Measured {
  readonly value: number
  readonly bar: number
  /** Whether what is promised beside the value holds. */
  readonly holds: boolean
}

const ms = (value: number): string => `${value.toFixed(3)} ms`

/** Mixed directions begin in the index at the ties of the first key: these are read again, so no ratio is promised. */
const isMixed = (order: string): boolean => {
  const keys = order.slice(order.indexOf('sort=') + 5).split(',')
  return keys.some((key) => key.startsWith('-') !== keys[0]!.startsWith('-'))
}

/** A page at half of the rows takes at most 1.5 times as long as the first one, and less than 1 ms of the database. */
export async function cursorDepth(rows = 1_000_000): Promise<Measured> {
  let [worst, slowest] = [0, 0]
  await onEach(async (database) => {
    const from = performance.now()
    await fillItems(database, rows)
    console.log(
      `  ${database.dialect}: ${rows.toLocaleString('en')} rows in ${Math.round(performance.now() - from)} ms`,
    )
    const watched = new Watched(database, itemList)
    for (const order of orders) {
      const depth = Math.floor(rows / 2) * (order.includes('kind') ? 0.5 : 1)
      const cursor = await watched.cursorAt(order, depth)
      await watched.page(order)
      const first = await timed(database, watched.statements[0]!)
      for (const way of ['after', 'before']) {
        await watched.page(`${order}&${way}=${cursor}`)
        const half = await timed(database, watched.statements[0]!)
        console.log(
          `  ${database.dialect.padEnd(10)} ${`${order} ${way}`.padEnd(28)} first ${ms(first)}, half ${ms(half)} [${(half / first).toFixed(2)}]`,
        )
        if (!isMixed(order)) worst = Math.max(worst, half / first)
        slowest = Math.max(slowest, half)
      }
    }
  })
  return { value: worst, bar: 1.5, holds: slowest < 1 }
}

/** Two relations of 50 rows with 10,000 children each: three statements, in less than 5 ms together. */
export async function expandCost(each = 10_000): Promise<Measured> {
  let [slowest, statements] = [0, 0]
  await onEach(async (database) => {
    await fillFamilies(database, each)
    const watched = new Watched(database, parentList)
    const times: number[] = []
    for (let run = 0; run < 60; run++) {
      const from = performance.now()
      await watched.page('limit=50&expand=owner,children')
      times.push(performance.now() - from)
    }
    const median = times.sort((a, b) => a - b)[30]!
    statements = Math.max(statements, watched.statements.length)
    slowest = Math.max(slowest, median)
    console.log(
      `  ${database.dialect.padEnd(10)} 2 relations over 50 rows of ${each.toLocaleString('en')} children: ${ms(median)}, ${watched.statements.length} statements`,
    )
  })
  return { value: slowest, bar: 5, holds: statements === 3 }
}

export const measured: Readonly<Record<string, () => Promise<Measured>>> = {
  'cursor-depth': cursorDepth,
  expand: expandCost,
}

export const measuredLine = (name: string, { value, bar, holds }: Measured): string =>
  `goal ${name} ${value.toFixed(3)} <= ${bar.toFixed(2)} ${value <= bar && holds ? 'ok' : 'short'}`

if (import.meta.main) {
  const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
  const rows = Number(values.rows)
  console.log(measuredLine('cursor-depth', await cursorDepth(rows)))
  console.log(measuredLine('expand', await expandCost(Math.max(1, Math.floor(rows / 100)))))
}
