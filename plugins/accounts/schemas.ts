import { type TSchema, Type } from '@sinclair/typebox'
import type { Credentials } from './types.ts'

/** JSON bodies are closed by core: a field that is not here is refused, never dropped. */

export const email: TSchema = Type.String({ minLength: 3, maxLength: 320, description: 'an e-mail address' })
/** Characters are counted in NFC by the service; this keeps it from counting books. */
const longestPassword = 4096
export const password: TSchema = Type.String({
  minLength: 8,
  maxLength: longestPassword,
  description: '8 to 1024 characters',
})
/** One that is there already. */
export const currentPassword: TSchema = Type.String({ minLength: 1, maxLength: longestPassword })
export const name: TSchema = Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()])
const roleName: TSchema = Type.String({ minLength: 1, maxLength: 100 })
const description: TSchema = Type.Union([Type.String({ maxLength: 500 }), Type.Null()])
export const optional = <T extends TSchema>(schema: T): TSchema => Type.Optional(schema)
const tenantName = (description: string): TSchema =>
  Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\s,]+$', description })
export const time: TSchema = Type.String({ format: 'date-time' })

/** JSON says `email`; the form of OAuth 2.0 (RFC 6749, 4.3.2) says `username`, and more that is not needed. */
export interface LoginBody extends Partial<Credentials> {
  readonly username?: string
  /** The only tenant that the session is to be good for. */
  readonly tenant?: string
  readonly password: string
}
export const loginBody: TSchema = Type.Object({
  email: optional(Type.String({ minLength: 1, maxLength: 320 })),
  username: optional(Type.String({ minLength: 1, maxLength: 320, description: 'in place of email, in a form' })),
  password: Type.String({ minLength: 1, maxLength: longestPassword }),
  tenant: optional(tenantName('the only one to sign in for')),
  grant_type: optional(Type.Literal('password')),
  scope: optional(Type.String({ maxLength: 1024 })),
  client_id: optional(Type.String({ maxLength: 1024 })),
  client_secret: optional(Type.String({ maxLength: 1024 })),
})
export const loginAnswer: TSchema = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'seconds' }),
  refreshToken: optional(Type.String({ description: 'where the app has sessions, and not with cookies' })),
  refreshExpiresIn: optional(Type.Integer({ description: 'seconds, unless it is used' })),
  access_token: optional(Type.String({ description: 'the same for clients of OAuth 2.0, after a form' })),
  token_type: optional(Type.Literal('Bearer')),
  expires_in: optional(Type.Integer()),
  refresh_token: optional(Type.String()),
})

export const rolesBody: TSchema = Type.Object({
  roles: Type.Array(roleName, { maxItems: 100 }),
  tenant: optional(tenantName('where they hold; everywhere, if it is left out')),
})

export const roleBody: TSchema = Type.Object({ name: roleName, description: optional(description) })
export const roleChanges: TSchema = Type.Object(
  { name: optional(roleName), description: optional(description), isActive: optional(Type.Boolean()) },
  { minProperties: 1 },
)
export const permissionsBody: TSchema = Type.Object({
  permissions: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 1000 }),
})

export const roleAnswer: TSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  isActive: Type.Boolean(),
  permissions: Type.Array(Type.String()),
  userCount: Type.Integer({ description: 'how many users have it' }),
  createdAt: time,
  updatedAt: time,
})
export const pageOf = (row: TSchema): TSchema =>
  Type.Object({
    data: Type.Array(row),
    page: Type.Object({
      limit: Type.Integer(),
      next: optional(Type.String()),
      prev: optional(Type.String()),
      hasMore: Type.Boolean(),
    }),
  })

export const nothing: TSchema = Type.Void()
/** The whole list: it is never long. */
export const allOf = (row: TSchema): TSchema => Type.Object({ data: Type.Array(row) })
export const permissionAnswer: TSchema = Type.Object({
  name: Type.String(),
  roles: Type.Array(Type.String(), { description: 'names of roles that grant it' }),
})
/** The same whoever has the address. */
export const acceptedAnswer: TSchema = Type.Object({ accepted: Type.Literal(true) })
export const accepted: { readonly accepted: true } = { accepted: true }

const token: TSchema = Type.String({ minLength: 1, maxLength: 200, description: 'what the link of the mail has' })
export const tokenBody: TSchema = Type.Object({ token })
export const emailBody: TSchema = Type.Object({ email })
export const resetBody: TSchema = Type.Object({ token, password })
export const ownPasswordBody: TSchema = Type.Object({ current: currentPassword, password })
export const ownEmailBody: TSchema = Type.Object({ email, password: currentPassword })
export const passwordBody: TSchema = Type.Object({ password })
export const memberParams: TSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  userId: Type.String({ format: 'uuid' }),
})
export const grantParams: TSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String({ maxLength: 200 }),
})
export const nameParams: TSchema = Type.Object({ name: Type.String({ maxLength: 200 }) })
export const forceQuery: TSchema = Type.Object({
  force: optional(Type.Union([Type.Literal('true'), Type.Literal('false')], { default: 'false' })),
})
export const idParams: TSchema = Type.Object({ id: Type.String({ format: 'uuid' }) })
/** For the API document: `pageRequest` reads the URL itself. */
export const pageQuery: TSchema = Type.Object({
  limit: optional(Type.String({ description: 'rows on a page, 1 to 100', default: '20' })),
  after: optional(Type.String({ description: '`page.next` of the page before' })),
  before: optional(Type.String({ description: '`page.prev` of the page behind' })),
})
