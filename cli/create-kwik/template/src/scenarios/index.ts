import { factory, scenarios } from 'kwik/testing'
import { database } from '../database.ts'
import { accounts } from '../platform.ts'
// kwik:imports
// kwik:end

/** Worlds for tests and seeds: `Scenario().withUser('alice', { admin: true }).build()`. */
export const Scenario = scenarios({
  database,
  accounts,
  factories: {
    // kwik:factories
    // kwik:end
  },
})
