import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTables, openDatabase } from 'kwik/database'
import { tokenService } from 'kwik/tokens'
import { products } from './servers/products.ts'

/** What the servers of W4 are given. */
export interface Seeded {
  readonly env: { readonly BENCH_DATABASE: string; readonly BENCH_SECRET: string }
  readonly token: string
  remove(): void
}

const rows = 100_000
export const person = { id: '0190f0a0-0000-7000-8000-000000000001', tokenVersion: 1 }

/** A file with 100,000 products, and a token of somebody who may read them. */
export async function seed(): Promise<Seeded> {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-bench-'))
  const path = join(folder, 'bench.sqlite')
  const secret = crypto.getRandomValues(Buffer.alloc(32)).toString('base64url')
  const database = openDatabase({ url: `sqlite:${path}` })
  await createTables(database, [products])
  await database.tx(async () => {
    for (let at = 0; at < rows; at++)
      await database.execute(
        'insert into products (id, name, price, status, stock, created_at) values (?, ?, ?, ?, ?, ?)',
        [
          `0190f0a0-0000-7000-8000-${at.toString(16).padStart(12, '0')}`,
          `Product ${at}`,
          // Prices in an order that has nothing to do with that of the ids.
          100 + ((at * 7919) % 99_991),
          at % 4 === 0 ? 'draft' : 'live',
          at % 50,
          1_700_000_000_000 + at * 1000,
        ],
      )
  })
  await database.close()
  const { token } = await tokenService({ secret, accessTtl: '8h' }).issue(person)
  return {
    env: { BENCH_DATABASE: path, BENCH_SECRET: secret },
    token,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
