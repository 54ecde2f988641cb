import { accountTables } from 'kwik/accounts'
import { tokenTables } from 'kwik/tokens'
import { tables as resources } from './resources/index.ts'

/** Every table of the app: migrations are made of them. */
export const tables = [...accountTables, ...tokenTables, ...Object.values(resources)]
