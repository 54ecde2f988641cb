import { type TSchema, Type } from '@sinclair/typebox'

const optional = <T extends TSchema>(schema: T): TSchema => Type.Optional(schema)
const token: TSchema = Type.String({ minLength: 1, maxLength: 200 })

/** JSON says `refreshToken`; a form of OAuth 2.0 (RFC 6749, 6) says `refresh_token`. With cookies there is no body. */
export interface RefreshBody {
  readonly refreshToken?: string
  readonly refresh_token?: string
}
export const refreshBody: TSchema = Type.Optional(
  Type.Object({
    refreshToken: optional(token),
    refresh_token: optional(token),
    grant_type: optional(Type.Literal('refresh_token')),
    scope: optional(Type.String({ maxLength: 1024 })),
    client_id: optional(Type.String({ maxLength: 1024 })),
    client_secret: optional(Type.String({ maxLength: 1024 })),
  }),
)
export const logoutBody: TSchema = Type.Optional(Type.Object({ refreshToken: optional(token) }))

export const tokenAnswer: TSchema = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'seconds' }),
  refreshToken: optional(Type.String({ description: 'not with cookies' })),
  refreshExpiresIn: optional(Type.Integer({ description: 'seconds, unless it is used' })),
  access_token: optional(Type.String({ description: 'the same for clients of OAuth 2.0, after a form' })),
  token_type: optional(Type.Literal('Bearer')),
  expires_in: optional(Type.Integer()),
  refresh_token: optional(Type.String()),
})

const time: TSchema = Type.String({ format: 'date-time' })
const maybe = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()])
export const sessionList: TSchema = Type.Object({
  data: Type.Array(
    Type.Object({
      id: Type.String({ format: 'uuid' }),
      current: Type.Boolean({ description: 'whether it is the one that asks' }),
      createdAt: time,
      lastUsedAt: time,
      expiresAt: time,
      address: maybe(Type.String()),
      userAgent: maybe(Type.String()),
      actorId: maybe(Type.String({ description: 'who acts in it for you' })),
    }),
  ),
})
export const idParams: TSchema = Type.Object({ id: Type.String({ format: 'uuid' }) })
export const nothing: TSchema = Type.Void()
export const jwksAnswer: TSchema = Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) })
