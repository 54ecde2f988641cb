import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Database } from '#core/ports/database'
import { openDatabase } from '../../plugins/database/index.ts'

const postgres: string = process.env['KWIK_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** Runs with a new SQLite file and, where it answers, with a new PostgreSQL database; both are gone afterwards. */
export async function onEach(run: (database: Database) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-bench-'))
  const file = openDatabase({ url: `sqlite:${join(folder, 'bench.sqlite')}` })
  try {
    await run(file)
  } finally {
    await file.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const admin = openDatabase({ url: postgres, poolSize: 1 })
  try {
    if (!(await admin.ping())) {
      console.log('  PostgreSQL does not answer: left out')
      return
    }
    const name = `kwik_bench_${process.pid}`
    await admin.execute(`create database ${name}`)
    const url = new URL(postgres)
    url.pathname = `/${name}`
    const database = openDatabase({ url: url.href })
    try {
      await run(database)
    } finally {
      await database.close()
      await admin.execute(`drop database ${name} with (force)`)
    }
  } finally {
    await admin.close()
  }
}
