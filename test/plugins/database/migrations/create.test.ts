import { createTables, defineTable, MigrationError } from 'kwik/database'
import { expect } from '#test'
import { both } from '../../../services.ts'

const cups = defineTable('cups', (t) => ({ id: t.id(), name: t.string(40) }))
const plates = defineTable('plates', (t) => ({ id: t.id() }))

both('tables that are there already are named, and nothing is made beside them', [cups], async (db) => {
  const refused = await createTables(db, [plates, cups]).catch((error) => error)
  expect(refused).toBeInstanceOf(MigrationError)
  expect(refused.message).toContain('this one has "cups" already: kwik db migrate')
  await createTables(db, [plates])
})
