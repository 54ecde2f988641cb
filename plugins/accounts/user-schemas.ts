import { type TSchema, Type } from '@sinclair/typebox'
import type { Field } from '#core/ports/database'
import { selectSchema, updateSchema } from '#core/table/schema'
import type { OwnColumns } from './own-columns.ts'
import { email, name, optional, password, time } from './schemas.ts'

/** Bodies and answers with a user in them, an app's columns included. */
export interface UserSchemas {
  readonly answer: TSchema
  readonly me: TSchema
  readonly body: TSchema
  readonly changes: TSchema
  readonly ownChanges: TSchema
  readonly registerBody: TSchema
}

export function userSchemas({ table, shown, writable, self }: OwnColumns): UserSchemas {
  const among = (fields: readonly Field[]) => (field: Field) => fields.includes(field)
  const taken = (fields: readonly Field[]) => updateSchema(table, among(fields)).properties
  const answer = {
    ...selectSchema(table, among(shown)).properties,
    id: Type.String({ format: 'uuid' }),
    email: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    isActive: Type.Boolean(),
    isVerified: Type.Boolean(),
    roles: Type.Array(Type.String()),
    tenants: optional(Type.Record(Type.String(), Type.Array(Type.String()), { description: 'roles by tenant' })),
    createdAt: time,
    updatedAt: time,
  }
  return {
    answer: Type.Object(answer),
    me: Type.Object({ ...answer, permissions: Type.Array(Type.String()) }),
    body: Type.Object({ ...taken(writable), email, password, name: optional(name) }),
    changes: Type.Object(
      { ...taken(writable), email: optional(email), password: optional(password), name: optional(name) },
      { minProperties: 1 },
    ),
    ownChanges: Type.Object({ ...taken(self), name: optional(name) }, { minProperties: 1 }),
    registerBody: Type.Object({ ...taken(self), email, password, name: optional(name) }),
  }
}
