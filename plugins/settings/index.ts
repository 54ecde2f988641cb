export { optionalSecret, Secret, type SecretOptions, secret } from '#core/secret'
export { defineSettings, type Settings } from './define.ts'
export { developmentSecret } from './development-secret.ts'
export { SettingsError, type SettingsFault } from './errors.ts'
export type { Explanation } from './generation.ts'
export { type KwikSettings, kwikSettings } from './kwik-settings.ts'
export type { Rule, RuleContext, RuleFault, SettingsOptions } from './options.ts'
export { type ProvideSettingsOptions, provideSettings, type SettingsPlugin } from './plugin.ts'
export type { Change, ReloadHook, ReloadReport } from './reload/report.ts'
export { T } from './schema.ts'
export {
  type SecretAnswers,
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './secrets/provider.ts'
export type { SecretReference } from './secrets/reference.ts'
export type { Frozen, Overrides, SettingKey, ValueAt } from './types.ts'
