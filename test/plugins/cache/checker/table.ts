import { defineTable } from 'kwik/database'

/** Values only grow; what is below zero was never committed. */
export const things = defineTable('things', (t) => ({ id: t.int().primaryKey(), value: t.int() }))
