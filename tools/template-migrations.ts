import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { accountTables } from '../plugins/accounts/index.ts'
import { generateMigration } from '../plugins/database/index.ts'
import { tokenTables } from '../plugins/tokens/index.ts'

/**
 * Writes the migrations that a new app begins with, anew: apps that exist get changes by their own `kwik db make`.
 *
 *     bun tools/template-migrations.ts
 */
const folder = fileURLToPath(new URL('../cli/create-kwik/template/migrations', import.meta.url))

await rm(folder, { recursive: true, force: true })
await generateMigration({ tables: [...accountTables, ...tokenTables], folder, name: 'accounts' })
