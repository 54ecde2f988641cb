/** Something that a list offers, and that the database has no index for. */
export interface IndexFinding {
  /** What a client would ask with it: `sort=-price`, `status`, `expand=comments`. */
  readonly words: readonly string[]
  /** The table whose rows are read. */
  readonly table: string
  /** `missing`: an index would help. `scan`: every row is read, and no index can change that, or the list says so itself. */
  readonly kind: 'missing' | 'scan'
  readonly why: string
  /** Name of the index that would serve, among `indexes` of the report. */
  readonly index?: string
}

/** An index that is to be made. */
export interface MissingIndex {
  readonly table: string
  readonly name: string
  /** What makes it, for a migration of its own where `define` is absent. */
  readonly statements: readonly string[]
  /** The same for the third argument of `defineTable`: `t.index('status', 'createdAt', 'id')`. */
  readonly define?: string
}

/** What lists ask of the indexes of a database. */
export interface IndexReport {
  /** The tables whose lists were looked at: of rows in memory, none. */
  readonly tables: readonly string[]
  readonly findings: readonly IndexFinding[]
  /** The fewest indexes that serve everything that is missing. */
  readonly indexes: readonly MissingIndex[]
}
