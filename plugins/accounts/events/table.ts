import { type DefinedTable, defineTable, type FieldBuilder } from '#core/table/define'

type Text = FieldBuilder<'string', string, true>

export type SecurityEventFields = {
  id: FieldBuilder<'uuid', string, false, true>
  at: FieldBuilder<'datetime', Date>
  type: FieldBuilder<'string', string>
  userId: Text
  actorId: Text
  sessionId: Text
  apiKeyId: Text
  address: Text
  userAgent: Text
  requestId: Text
  tenant: Text
  details: FieldBuilder<'json', Record<string, unknown>>
}

/** What happened that matters for security. It refers to nothing: what is told of somebody outlives them. */
export const securityEvents: DefinedTable<'security_events', SecurityEventFields> = defineTable(
  'security_events',
  (t) => {
    const text = (): Text => t.string(255).nullable().readonly()
    return {
      id: t.id(),
      at: t.datetime().index().readonly(),
      type: t.string(60).readonly(),
      userId: text(),
      actorId: text(),
      sessionId: text(),
      apiKeyId: text(),
      address: text(),
      userAgent: text(),
      requestId: text(),
      tenant: text(),
      details: t.json<Record<string, unknown>>().readonly(),
    }
  },
  (t) => [t.index('userId', 'id'), t.index('type', 'id')],
)
