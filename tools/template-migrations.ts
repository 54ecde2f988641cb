import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TableLike } from '#core/ports/database'
import * as shop from '../docs/examples/shop/schema.ts'
import { accountTables } from '../plugins/accounts/index.ts'
import { generateMigration } from '../plugins/database/index.ts'
import { tokenTables } from '../plugins/tokens/index.ts'

/**
 * Writes the migrations that a new app and the demo begin with, anew: apps that exist get changes by their own
 * `kwik db make`.
 *
 *     bun tools/template-migrations.ts
 */
await write('../cli/create-kwik/template/migrations', 'accounts', [...accountTables, ...tokenTables])
await write('../docs/examples/shop/migrations', 'shop', Object.values(shop))

async function write(place: string, name: string, tables: readonly TableLike[]): Promise<void> {
  const folder = fileURLToPath(new URL(place, import.meta.url))
  await rm(folder, { recursive: true, force: true })
  await generateMigration({ tables, folder, name })
}
