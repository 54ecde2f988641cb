import { defineSettings, type SettingsOptions, T } from '../../../plugins/settings/index.ts'
import { faultsOf, folder } from './folder.ts'

export const schema = T.Object({
  server: T.Object({
    port: T.Integer({ default: 3000, maximum: 65535, env: 'PORT' }),
    host: T.String({ default: 'localhost' }),
    bodyLimit: T.Optional(T.Number()),
    url: T.Optional(T.String()),
  }),
  debug: T.Boolean({ default: false }),
  mode: T.Union([T.Literal('fast'), T.Literal('slow')], { default: 'slow' }),
  origins: T.Array(T.String(), { default: ['https://a'] }),
  hooks: T.Array(T.String(), { default: ['first'], merge: 'append' }),
  flags: T.Record(T.String(), T.Boolean(), { default: { a: true } }),
  labels: T.Record(T.String(), T.String(), { default: { a: 'x' }, merge: 'append' }),
  note: T.String({ default: 'none', allowEmpty: true }),
  jwt: T.Optional(T.Object({ secret: T.Secret({ minLength: 8 }), ttl: T.Integer({ default: 5 }) })),
})
export type Options = Omit<SettingsOptions, 'secrets'>
/** Settings of a folder with these files. */
export const read = (files: Record<string, string> = {}, options: Options = {}) =>
  defineSettings(schema, { dir: folder(files), env: {}, args: [], secretsDir: false, ...options })
/** What is wrong with them. */
export const faults = (files: Record<string, string>, options: Options = {}) => faultsOf(() => read(files, options))
