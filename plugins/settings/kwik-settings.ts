import {
  type TInteger,
  type TLiteral,
  type TObject,
  type TOptional,
  type TString,
  type TUnion,
  type TUnsafe,
  Type,
} from '@sinclair/typebox'
import { optionalSecret, type Secret } from '#core/secret'

type OneOf<Words extends string[]> = TUnion<{ [I in keyof Words]: TLiteral<Words[I]> }>

/** The settings that Kwik's own parts need. */
export interface KwikSettings {
  /** The first of the profiles that are on. */
  readonly profile: TString
  readonly server: TObject<{ port: TInteger; host: TString }>
  readonly database: TObject<{ url: TString }>
  readonly redis: TObject<{ url: TOptional<TString> }>
  readonly tokens: TObject<{ secret: TOptional<TUnsafe<Secret>> }>
  readonly log: TObject<{
    level: OneOf<['debug', 'info', 'warning', 'error', 'fatal']>
    format: OneOf<['auto', 'json', 'pretty']>
  }>
}

const oneOf = <Words extends string[]>(
  options: { readonly default: Words[number]; readonly reload?: 'hot' },
  ...words: Words
): OneOf<Words> =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    options,
  ) as never

/**
 * The settings of every Kwik app, to be spread into its own schema. From `kwik/settings`.
 *
 * @example
 * const settings = defineSettings(t.Object({ ...kwikSettings }))
 * app.listen({ port: settings.current.server.port, hostname: settings.current.server.host })
 */
export const kwikSettings: KwikSettings = {
  profile: Type.String({ default: 'development' }),
  server: Type.Object({
    port: Type.Integer({ env: 'PORT', default: 3000, minimum: 0, maximum: 65535 }),
    host: Type.String({ env: 'HOST', default: '0.0.0.0' }),
  }),
  database: Type.Object({ url: Type.String({ env: 'DATABASE_URL', default: 'sqlite:./data/app.sqlite' }) }),
  redis: Type.Object({ url: Type.Optional(Type.String({ env: 'REDIS_URL' })) }),
  tokens: Type.Object({ secret: optionalSecret({ minLength: 32, requiredIn: ['production'] }) }),
  log: Type.Object({
    level: oneOf({ default: 'info', reload: 'hot' }, 'debug', 'info', 'warning', 'error', 'fatal'),
    format: oneOf({ default: 'auto' }, 'auto', 'json', 'pretty'),
  }),
}
