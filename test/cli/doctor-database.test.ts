import { expect } from '#test'
import { database } from '../../cli/doctor/checks/database.ts'
import type { Subject } from '../../cli/doctor/subject.ts'
import { openDatabase } from '../../plugins/database/index.ts'
import type { KwikOptions } from '../../src/kwik.types.ts'
import { postgresUrl, withPostgres } from '../services.ts'

withPostgres.test('kwik doctor names a database that nobody made', async () => {
  const url = new URL(postgresUrl)
  url.pathname = '/nobody_made_this'
  const db = openDatabase({ url: url.href })
  const options = { database: db } as KwikOptions
  const subject: Subject = {
    project: { root: '.', path: () => '.' },
    profile: 'test',
    production: false,
    options,
    services: { options, database: db },
    routes: [],
  }
  const [one] = await database(subject)
  expect([one!.code, one!.what]).toEqual([
    'database-unreachable',
    expect.stringContaining('database "nobody_made_this" does not exist: create it'),
  ])
  await db.close()
})
