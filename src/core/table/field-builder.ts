import type { SQL } from 'drizzle-orm'
import type { Field, FieldType, TableLike } from '../ports/database.ts'

export type OnDelete = 'cascade' | 'restrict' | 'set null'
export type KeyType = NonNullable<Field['keyType']>

/** A table by its name, or a function that answers it: both may come later in the file, or point in a circle. */
export type RefTarget = string | (() => TableLike)

/** What a field says of itself; `defineTable` makes columns of it. */
export interface FieldSpec extends Partial<Omit<Field, 'name' | 'column' | 'type' | 'references'>> {
  readonly type: FieldType
  readonly target?: RefTarget
  readonly targetField?: string
  readonly onDelete?: OnDelete
  /** A value that the database itself fills in. */
  readonly default?: { readonly value: unknown }
  /** Made by Kwik at insert, and at update. */
  readonly make?: () => unknown
  readonly remake?: () => unknown
}

/**
 * One field of a table. `Data` is its value in a row; a field is NOT NULL until it is said to be `nullable()`.
 * Every word answers a new builder, so a builder can be kept and used twice.
 */
export class FieldBuilder<
  Type extends FieldType,
  Data,
  Nullable extends boolean = false,
  HasDefault extends boolean = false,
> {
  declare readonly '~type': Type
  declare readonly '~data': Data
  declare readonly '~nullable': Nullable
  declare readonly '~default': HasDefault
  readonly spec: FieldSpec

  constructor(spec: FieldSpec) {
    this.spec = spec
  }

  /** The column takes NULL, and an insert may leave the field out. */
  nullable(): FieldBuilder<Type, Data, true, HasDefault> {
    return this.with({ nullable: true })
  }

  /** What the database fills in when an insert leaves the field out. */
  default(value: Data): FieldBuilder<Type, Data, Nullable, true> {
    return this.with({ default: { value }, hasDefault: true })
  }

  /** What Kwik fills in when an insert through drizzle or a resource leaves the field out. */
  defaultFn(make: () => Data | SQL): FieldBuilder<Type, Data, Nullable, true> {
    return this.with({ make, hasDefault: true })
  }

  /** No two rows have the same value; NULLs do not count. */
  unique(): FieldBuilder<Type, Data, Nullable, HasDefault> {
    return this.with({ unique: true })
  }

  /**
   * Text is kept in lower case and NFC (Unicode Standard Annex 15), whoever writes it: with `unique()`, `Ada` and `ada`
   * are one value on every database. `t.email()` is so by itself.
   */
  lowercase(): FieldBuilder<Type, Data, Nullable, HasDefault> {
    return this.with({ lowercase: true })
  }

  /** Kept sorted, so that filters and sorting by it are fast. */
  index(): FieldBuilder<Type, Data, Nullable, HasDefault> {
    return this.with({ index: true })
  }

  /** Never leaves: password hashes. */
  hidden(): FieldBuilder<Type, Data, Nullable, HasDefault> {
    return this.with({ hidden: true })
  }

  /** Clients read it and never write it. */
  readonly(): FieldBuilder<Type, Data, Nullable, HasDefault> {
    return this.with({ readonly: true })
  }

  /** The key of the table, in the place of `t.id()`. */
  primaryKey(): FieldBuilder<Type, Data, false, HasDefault> {
    return this.with({ primaryKey: true })
  }

  private with<N extends boolean, D extends boolean>(more: Partial<FieldSpec>): FieldBuilder<Type, Data, N, D> {
    return new FieldBuilder({ ...this.spec, ...more })
  }
}

export type AnyField = FieldBuilder<FieldType, unknown, boolean, boolean>
