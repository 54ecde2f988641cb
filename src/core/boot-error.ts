/** An app that cannot be right: every fault at once, each naming route, file, line and remedy. */
export class BootError extends Error {
  override readonly name = 'BootError'
  readonly code = 'KWIK_BOOT'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`this app cannot start:\n  - ${faults.join('\n  - ')}`)
    this.faults = faults
  }
}
