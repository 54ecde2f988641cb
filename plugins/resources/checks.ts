import type { TSchema } from '@sinclair/typebox'
import { refuse } from '#core/errors'
import { grantCheck } from '#core/grants'
import type { ProblemError, ProblemIssue } from '#core/problem'
import { closedCheck, issuesOf } from '#core/schema'
import type { Model } from './model.ts'
import type { Values } from './options.ts'

type Granted = ReadonlySet<string>

/** What is asked of values before they are written, and of rows before they leave. */
export interface Checks {
  /** Throws what is wrong with values that a route did not check against their schema. */
  fit(schema: TSchema, values: unknown): void
  /** Throws fields that are unknown to the caller: no schema can say that. */
  accept(values: Values, granted: Granted | undefined): void
  /** Fields that do not exist for the caller. */
  unknown(granted: Granted | undefined): readonly string[]
  /** The row as the caller may see it. */
  show<Row extends Record<string, unknown>>(row: Row, granted: Granted | undefined): Row
}

export function checksOf(model: Model): Checks {
  const guards = [...model.guards].map(([name, permission]) => ({ name, allows: grantCheck(permission) }))
  const nobody: Granted = new Set()
  const unknown = (granted: Granted = nobody): string[] =>
    guards.filter(({ allows }) => !allows(granted)).map(({ name }) => name)
  return {
    unknown,
    fit: (schema, values) => {
      const check = closedCheck(schema)
      if (!check.Check(values)) throw invalid(issuesOf(check.Errors(values), (pointer) => ({ pointer })))
    },
    accept: (values, granted) => {
      if (guards.length === 0) return
      const sent = unknown(granted).filter((name) => name in values)
      if (sent.length > 0)
        throw invalid(
          sent.map((name) => ({ code: 'unknown-field', detail: `${name} is not a field here`, pointer: `/${name}` })),
        )
    },
    show: (row, granted) => {
      if (guards.length > 0) for (const name of unknown(granted)) delete row[name]
      return row
    },
  }
}

const invalid = (errors: readonly ProblemIssue[]): ProblemError =>
  refuse('KWIK_INVALID', { detail: 'The body does not fit its schema.', errors })
