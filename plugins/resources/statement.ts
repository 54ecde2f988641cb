import type { Dialect } from '#core/ports/database'

/** A statement in the making: its text, and the parameters in the order of its placeholders. */
export class Statement {
  readonly dialect: Dialect
  readonly parameters: unknown[] = []
  text = ''

  constructor(dialect: Dialect) {
    this.dialect = dialect
  }

  /** Binds a value, and answers its placeholder. */
  bind(value: unknown): string {
    this.parameters.push(value)
    return this.dialect === 'sqlite' ? '?' : `$${this.parameters.length}`
  }
}
