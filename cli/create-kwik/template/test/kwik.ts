import { join } from 'node:path'
import { migrate } from 'kwik/database'
import { kwikTest } from 'kwik/testing'
import { app } from '../src/app.ts'
import { platform } from '../src/platform.ts'
import { Scenario } from '../src/scenarios/index.ts'

/** A test with a client, and a database of its own. */
export const test = kwikTest(app, {
  platform,
  Scenario,
  prepare: (database) => migrate(database, { folder: join(import.meta.dirname, '../migrations') }),
})
