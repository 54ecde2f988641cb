/** One thing that is wrong with settings. No text of it shows a secret. */
export interface SettingsFault {
  readonly text: string
  /** The setting, where it is about one. */
  readonly key?: string
  /** `missing`: required and not set. `unreachable`: the store of a secret did not answer, or is sealed. */
  readonly kind: 'invalid' | 'missing' | 'unreachable'
}

/** Settings that cannot be used: every fault at once, each naming where it stands. Secrets are masked. */
export class SettingsError extends Error {
  static readonly code = 'KWIK_SETTINGS_INVALID'
  override readonly name = 'SettingsError'
  readonly code: typeof SettingsError.code = SettingsError.code
  readonly faults: readonly string[]
  readonly details: readonly SettingsFault[]

  constructor(details: readonly SettingsFault[]) {
    const faults = details.map(({ text }) => text)
    super(`these settings cannot be used:\n  - ${faults.join('\n  - ')}`)
    this.faults = faults
    this.details = details
  }
}

export const invalid = (text: string, key?: string): SettingsFault => ({
  text,
  kind: 'invalid',
  ...(key !== undefined && { key }),
})
