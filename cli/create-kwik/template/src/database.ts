import { openDatabase } from 'kwik/database'
import { settings } from './settings.ts'

/** A SQLite file, or PostgreSQL when `DATABASE_URL` says so. */
export const database = openDatabase({ url: settings.current.database.url })
