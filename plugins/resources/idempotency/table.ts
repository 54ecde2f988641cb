import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'

type KeyFields = {
  id: FieldBuilder<'string', string>
  fingerprint: FieldBuilder<'string', string>
  token: FieldBuilder<'string', string>
  state: FieldBuilder<'string', string>
  answer: FieldBuilder<'text', string, true>
  leaseUntil: FieldBuilder<'bigint', bigint>
  expiresAt: FieldBuilder<'bigint', bigint>
}

/**
 * Where `sqlKeys()` keeps idempotency keys; times are milliseconds since 1970. Put it among the tables of your
 * migrations. From `kwik/resources`.
 */
export const idempotencyKeys: DefinedTable<'kwik_idempotency_keys', KeyFields> = defineTable(
  'kwik_idempotency_keys',
  (t) => ({
    id: t.string(64).primaryKey().readonly(),
    fingerprint: t.string(64).readonly(),
    token: t.string(36).readonly(),
    state: t.string(10).readonly(),
    answer: t.text().hidden().nullable().readonly(),
    leaseUntil: t.bigint().readonly(),
    expiresAt: t.bigint().index().readonly(),
  }),
)
