/** A field or table that is gone while others are new: renamed, or dropped? Names read `products.title` or `products`. */
export interface Ambiguity {
  readonly gone: string
  readonly candidates: readonly string[]
}

/** A migration that cannot be made or run. It tells the developer what to do; it never leaves to a client. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly ambiguities: readonly Ambiguity[]

  constructor(message: string, ambiguities: readonly Ambiguity[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.ambiguities = ambiguities
  }
}

export function ambiguous(ambiguities: readonly Ambiguity[]): MigrationError {
  const lines = ambiguities.map(
    ({ gone, candidates }) =>
      `${gone} is gone, and new there: ${candidates.join(', ')}. Was it renamed, renames: { '${gone}': '${candidates[0]}' }, or is it to be dropped with its data, drops: ['${gone}']?`,
  )
  return new MigrationError(lines.join('\n'), ambiguities)
}
