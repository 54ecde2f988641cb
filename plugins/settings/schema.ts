import { Type } from '@sinclair/typebox'
import { optionalSecret, secret } from '#core/secret'

/**
 * TypeBox's builder, and `T.Secret` beside its types. From `kwik/settings`.
 *
 * What settings read of a schema beside TypeBox's own words: `env: 'PORT'` (a plain name of a variable),
 * `reload: 'hot'` (a reload may change it), `merge: 'append'` (a list or record goes on where the weaker layers ended),
 * `requiredIn: ['production']`, `allowEmpty: true` (an empty text is a value), `deprecated: 'use server.port'`.
 *
 * @example
 * const settings = defineSettings(T.Object({ shop: T.Object({ key: T.Secret({ minLength: 16 }), open: T.Boolean({ default: true, reload: 'hot' }) }) }))
 */
export const T: typeof Type & { readonly Secret: typeof secret; readonly OptionalSecret: typeof optionalSecret } =
  Object.freeze(Object.assign({}, Type, { Secret: secret, OptionalSecret: optionalSecret }))
