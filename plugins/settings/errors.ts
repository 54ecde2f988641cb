/** Settings that cannot be used: every fault at once, each naming where it stands. Secrets are masked. */
export class SettingsError extends Error {
  static readonly code = 'KWIK_SETTINGS_INVALID'
  override readonly name = 'SettingsError'
  readonly code: typeof SettingsError.code = SettingsError.code
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`these settings cannot be used:\n  - ${faults.join('\n  - ')}`)
    this.faults = faults
  }
}
