/** PostgreSQL and Redis for tests: real ones, or a test that is skipped by name. With CI=true it fails instead. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database, TableLike } from '#core/ports/database'
import { afterAll, describe, test } from '#test'
import { createTables, openDatabase } from '../plugins/database/index.ts'

/** A database that tests may make others beside. */
export const postgresUrl: string = process.env['KWIK_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const redisUrl: string = process.env['KWIK_TEST_REDIS'] ?? 'redis://127.0.0.1:6379'

type Body = () => void | Promise<void>

export interface Service {
  readonly available: boolean
  /** @param timeout milliseconds */
  test(name: string, body: Body, timeout?: number): void
  /** For whole groups; nothing inside runs without the service. */
  describe(name: string, body: () => void): void
}

function service(name: string, available: boolean): Service {
  const required = process.env['CI'] === 'true'
  const absent = (title: string): void => {
    const full = `${title} (needs ${name})`
    if (required)
      test(full, () => {
        throw new Error(`${name} does not answer, and CI=true asks for it`)
      })
    else test.skip(full, () => {})
  }
  return {
    available,
    test: (title, body, timeout) => {
      if (!available) return absent(title)
      afterAll(dropSpares)
      test(title, body, timeout)
    },
    describe: (title, body) => {
      if (!available) return absent(title)
      afterAll(dropSpares)
      describe(title, body)
    },
  }
}

export const withPostgres: Service = service('PostgreSQL', await listens(postgresUrl, 5432))
export const withRedis: Service = service('Redis', await listens(redisUrl, 6379))

function listens(url: string, usual: number): Promise<boolean> {
  const { hostname, port } = new URL(url)
  return new Promise((answer) => {
    const socket = connect({ host: hostname, port: Number(port || usual) })
    const done = (open: boolean): void => {
      socket.destroy()
      answer(open)
    }
    socket.setTimeout(1000, () => done(false))
    socket.on('connect', () => done(true)).on('error', () => done(false))
  })
}

export const randomName = (): string => `kwik_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`

/** A new PostgreSQL database of its own. */
export async function postgresDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = randomName()
  await administer(`create database ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) }
}

async function administer(text: string, url: string = postgresUrl): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 })
  try {
    await db.execute(text)
  } finally {
    await db.close()
  }
}

/** Empty databases for the next test of a file: making one takes half a second, emptying it a hundredth. */
const spares: { readonly url: string; drop(): Promise<void> }[] = []

async function dropSpares(): Promise<void> {
  for (const spare of spares.splice(0)) await spare.drop()
}

async function withPostgresDatabase(run: (url: string) => Promise<void>): Promise<void> {
  const database = spares.pop() ?? (await postgresDatabase())
  try {
    await run(database.url)
    await administer(
      'drop schema public cascade; create schema public; drop schema if exists drizzle cascade',
      database.url,
    )
    spares.push(database)
  } catch (error) {
    await database.drop()
    throw error
  }
}

/** A new folder of its own, removed after `run`. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-'))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Kind = 'SQLite in memory' | 'SQLite file' | 'PostgreSQL'
type DatabaseTest = (db: Database, url: string) => void | Promise<void>

/** Runs with a new, empty database of one kind, with these tables; it is gone afterwards. */
export async function withDatabase(kind: Kind, tables: readonly TableLike[], run: DatabaseTest): Promise<void> {
  const opened = async (url: string): Promise<void> => {
    const db = openDatabase({ url })
    try {
      if (tables.length > 0) await createTables(db, tables)
      await run(db, url)
    } finally {
      await db.close()
    }
  }
  if (kind === 'SQLite in memory') return opened('sqlite::memory:')
  if (kind === 'SQLite file') return inFolder((folder) => opened(`sqlite:${join(folder, 'test.sqlite')}`))
  return withPostgresDatabase(opened)
}

/** One test on every database: SQLite in memory, a SQLite file, PostgreSQL. Each run gets an empty one with `tables`. */
export function both(name: string, tables: readonly TableLike[], run: DatabaseTest): void {
  test(`${name} (SQLite in memory)`, () => withDatabase('SQLite in memory', tables, run))
  test(`${name} (SQLite file)`, () => withDatabase('SQLite file', tables, run))
  withPostgres.test(`${name} (PostgreSQL)`, () => withDatabase('PostgreSQL', tables, run))
}
