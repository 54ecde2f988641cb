import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'
import { users } from '../tables.ts'

type Moment = FieldBuilder<'datetime', Date, true>

export type ApiKeyFields = {
  id: FieldBuilder<'uuid', string, false, true>
  userId: FieldBuilder<'ref', string>
  name: FieldBuilder<'string', string>
  hash: FieldBuilder<'string', string>
  lastFour: FieldBuilder<'string', string>
  scopes: FieldBuilder<'list', string[]>
  createdAt: FieldBuilder<'datetime', Date>
  expiresAt: Moment
  revokedAt: Moment
  lastUsedAt: Moment
  replacedById: FieldBuilder<'uuid', string, true>
}

/** Keys by which programs of a user call. Of the secret a hash is kept, and its end for the eyes of its owner. */
export const apiKeys: DefinedTable<'api_keys', ApiKeyFields> = defineTable('api_keys', (t) => ({
  id: t.id(),
  userId: t.ref(() => users, { onDelete: 'cascade' }).readonly(),
  name: t.string(100).readonly(),
  hash: t.string(64).hidden().readonly(),
  lastFour: t.string(4).readonly(),
  scopes: t.list('string').readonly(),
  createdAt: t.datetime().readonly(),
  expiresAt: t.datetime().nullable().readonly(),
  revokedAt: t.datetime().nullable().readonly(),
  lastUsedAt: t.datetime().nullable().readonly(),
  replacedById: t.uuid().nullable().readonly(),
}))
