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
export { awsParameterStore, type ParameterStoreOptions } from './secrets/aws/parameter-store.ts'
export { awsSecretsManager } from './secrets/aws/secret-store.ts'
export type { AwsOptions } from './secrets/aws/service.ts'
export type { AwsCredentials } from './secrets/aws/sigv4.ts'
export { type AzureOptions, azureKeyVault } from './secrets/azure.ts'
export { type DopplerOptions, doppler } from './secrets/doppler.ts'
export { type GcpOptions, gcpSecretManager } from './secrets/gcp.ts'
export { type InfisicalOptions, infisical } from './secrets/infisical.ts'
export { type Keychain, type KeychainOptions, keychain } from './secrets/keychain.ts'
export {
  type SecretAnswers,
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './secrets/provider.ts'
export type { SecretReference } from './secrets/reference.ts'
export type { StoreOptions } from './secrets/store-http.ts'
export { type VaultOptions, vault } from './secrets/vault.ts'
export type { VaultAuth } from './secrets/vault-auth.ts'
export { type MergedSlices, mergeSlices, type SettingsSlice, settingsSlice } from './slices.ts'
export type { Frozen, Overrides, SettingKey, ValueAt } from './types.ts'
