import { join } from 'node:path'
import { describe, expect, test } from '#test'
import { inFolder, postgresDatabase, withPostgres } from '../../services.ts'

// KWIK_LONG=1 exports a million rows.
const [rows, letters] = process.env['KWIK_LONG'] === '1' ? [1_000_000, 200] : [50_000, 2000]
const program = join(import.meta.dir, '../../fixtures/programs/exporting-app.ts')
const megabyte = 1024 * 1024

interface Measured {
  readonly lines: number
  readonly peaks: readonly [number, number]
  readonly ms: number
  readonly firstMs: number
}

async function measured(url: string): Promise<Measured> {
  const child = Bun.spawn(['bun', program, url, String(rows), String(letters)], { stdout: 'pipe', stderr: 'inherit' })
  return JSON.parse(await new Response(child.stdout).text())
}

function check({ lines, peaks: [first, second], ms, firstMs }: Measured): void {
  expect(lines).toBe(rows + 1)
  // The rows of the second half alone are 50 MB and more, as text and as bytes 150 MB.
  expect((second - first) / megabyte).toBeLessThan(20)
  expect(firstMs).toBeLessThan(ms / 2)
}

describe('an export of many rows', () => {
  test(
    'takes the memory of a batch (SQLite)',
    () => inFolder(async (folder) => check(await measured(`sqlite:${join(folder, 'logs.sqlite')}`))),
    300_000,
  )

  withPostgres.test(
    'takes the memory of a batch (PostgreSQL)',
    async () => {
      const database = await postgresDatabase()
      try {
        check(await measured(database.url))
      } finally {
        await database.drop()
      }
    },
    300_000,
  )
})
