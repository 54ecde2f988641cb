import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import { type Statement, Watched } from '../../performance/depth.ts'
import { fillItems, itemList, orders } from '../../performance/items.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { long, patience } from './property.ts'

const rows = long ? 1_000_000 : 100_000

async function planOf(db: Database, { text, parameters }: Statement): Promise<string> {
  const explain = db.dialect === 'sqlite' ? 'explain query plan' : 'explain (costs off)'
  return (await db.values(`${explain} ${text}`, parameters)).map((row) => String(row.at(-1))).join(' | ')
}

/** An index is read in its order; `begins` where it begins at a place and not at its end. */
function isRange(dialect: Database['dialect'], plan: string, begins: boolean): boolean {
  if (/TEMP B-TREE|\bSort\b|Seq Scan|MULTI-INDEX/.test(plan)) return false
  if (dialect === 'sqlite')
    return begins ? /SEARCH items USING .*(INDEX|PRIMARY KEY) .*[<>]/.test(plan) : /(SEARCH|SCAN) items/.test(plan)
  return /Index (Only )?Scan/.test(plan) && (!begins || plan.includes('Index Cond'))
}

async function pagesAreRanges(db: Database): Promise<void> {
  await fillItems(db, rows)
  const watched = new Watched(db, itemList)
  const check = async (query: string, begins: boolean): Promise<void> => {
    expect((await watched.page(query)).data.length).toBe(20)
    // The page is full: of an order that NULLs divide one part was read.
    expect(watched.statements.length).toBe(1)
    const plan = await planOf(db, watched.statements[0]!)
    expect({ query, plan, isRange: isRange(db.dialect, plan, begins) }).toEqual({ query, plan, isRange: true })
  }
  for (const order of orders) {
    const all = order.includes('kind') ? rows / 2 : rows
    await check(order, false)
    await check(`${order}&before=end`, false)
    const half = await watched.cursorAt(order, Math.floor(all / 2))
    await check(`${order}&after=${half}`, true)
    await check(`${order}&before=${half}`, true)
  }
}

test(
  `a page in the middle of ${rows} rows is one range of an index, and so are the first and the last (SQLite)`,
  () => withDatabase('SQLite in memory', [], pagesAreRanges),
  patience,
)
withPostgres.test(
  `a page in the middle of ${rows} rows is one range of an index, and so are the first and the last (PostgreSQL)`,
  () => withDatabase('PostgreSQL', [], pagesAreRanges),
  patience,
)
