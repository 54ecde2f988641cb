import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'

type Text = FieldBuilder<'string', string>
type MaybeText = FieldBuilder<'string', string, true>
type Whole = FieldBuilder<'int', number>
type Moment = FieldBuilder<'datetime', Date>

export type SessionFields = {
  id: FieldBuilder<'uuid', string, false, true>
  userId: Text
  tokenVersion: Whole
  generation: Whole
  rotatedAt: Moment
  salt: Text
  createdAt: Moment
  lastUsedAt: Moment
  idleExpiresAt: Moment
  absoluteExpiresAt: Moment
  revokedAt: FieldBuilder<'datetime', Date, true>
  address: MaybeText
  userAgent: MaybeText
  tenant: MaybeText
  actorId: MaybeText
  actorTokenVersion: FieldBuilder<'int', number, true>
  actorSessionId: FieldBuilder<'uuid', string, true>
  reason: MaybeText
}

/*
 * Every field is `readonly()`: only the service writes them. There is no foreign key: tokens knows people by what
 * `Principals` says, which need not be a table of this database.
 */

/** Who is signed in where. One row is one family of refresh tokens; no token is in it, hashed or not. */
export const sessions: DefinedTable<'sessions', SessionFields> = defineTable('sessions', (t) => ({
  id: t.id(),
  userId: t.string(200).index().readonly(),
  // What the account's was at sign-in: once the account has another, the session is over.
  tokenVersion: t.int().hidden().readonly(),
  // How many refresh tokens came before the present one.
  generation: t.int().hidden().readonly(),
  rotatedAt: t.datetime().hidden().readonly(),
  salt: t.string(32).hidden().readonly(),
  createdAt: t.datetime().readonly(),
  lastUsedAt: t.datetime().readonly(),
  // Never later than the absolute one.
  idleExpiresAt: t.datetime().index().readonly(),
  absoluteExpiresAt: t.datetime().readonly(),
  revokedAt: t.datetime().nullable().readonly(),
  address: t.string(45).nullable().readonly(),
  userAgent: t.string(200).nullable().readonly(),
  tenant: t.string(200).nullable().readonly(),
  // Who acts in it for its owner, and what made that right.
  actorId: t.string(200).nullable().readonly(),
  actorTokenVersion: t.int().nullable().hidden().readonly(),
  actorSessionId: t.uuid().nullable().hidden().readonly(),
  reason: t.string(500).nullable().readonly(),
}))

export type RevokedTokenFields = { jti: FieldBuilder<'string', string, false, false>; expiresAt: Moment }

/** Single access tokens that are taken no more, until they would have expired. */
export const revokedTokens: DefinedTable<'revoked_tokens', RevokedTokenFields> = defineTable('revoked_tokens', (t) => ({
  jti: t.string(200).primaryKey().readonly(),
  expiresAt: t.datetime().index().readonly(),
}))

/** The tables of sessions, for migrations: `generateMigration({ tables: [...accountTables, ...tokenTables] })`. */
export const tokenTables: readonly [typeof sessions, typeof revokedTokens] = [sessions, revokedTokens]
