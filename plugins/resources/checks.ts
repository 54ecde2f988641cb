import type { TSchema } from '@sinclair/typebox'
import { refuse } from '#core/errors'
import { grantCheck } from '#core/grants'
import { ProblemError, type ProblemIssue } from '#core/problem'
import { closedCheck, issuesOf } from '#core/schema'
import type { Model } from './model.ts'
import type { Values } from './options.ts'

type Granted = ReadonlySet<string>

/** What is asked of values before they are written, and of rows before they leave. */
export interface Checks {
  /** What is wrong with values that a route did not check against their schema. */
  misfits(schema: TSchema, values: unknown, at?: string): readonly ProblemIssue[]
  /** Throws what is wrong with such values. */
  fit(schema: TSchema, values: unknown): void
  /** Throws fields that are unknown to the caller, or not theirs to write: no schema can say that. */
  accept(values: Values, granted: Granted | undefined, at?: string): void
  /** Fields that do not exist for the caller. */
  unknown(granted: Granted | undefined): readonly string[]
  /** Fields that do not exist for the caller, or that they may not write: they stay as they are. */
  kept(granted: Granted | undefined): readonly string[]
  /** The row as the caller may see it. */
  show<Row extends Record<string, unknown>>(row: Row, granted: Granted | undefined): Row
}

export function checksOf(model: Model): Checks {
  const checked = ([name, permission]: readonly [string, string]) => ({
    name,
    permission,
    allows: grantCheck(permission),
  })
  const guards = [...model.guards].map(checked)
  const locks = [...model.locks].map(checked)
  const nobody: Granted = new Set()
  const unknown = (granted: Granted = nobody): string[] =>
    guards.filter(({ allows }) => !allows(granted)).map(({ name }) => name)
  const locked = (granted: Granted = nobody) => locks.filter(({ allows }) => !allows(granted))
  const misfits: Checks['misfits'] = (schema, values, at = '') => {
    // An item of an older version that was not what its client may send.
    if (values instanceof ProblemError)
      return (values.problem.errors ?? []).map((issue) => ({ ...issue, pointer: at + (issue.pointer ?? '') }))
    const check = closedCheck(schema)
    return check.Check(values) ? [] : issuesOf(check.Errors(values), (pointer) => ({ pointer: at + pointer }))
  }
  return {
    misfits,
    unknown,
    kept: (granted) => [...unknown(granted), ...locked(granted).map(({ name }) => name)],
    fit: (schema, values) => {
      const issues = misfits(schema, values)
      if (issues.length > 0) throw invalid(issues)
    },
    accept: (values, granted, at = '') => {
      if (guards.length > 0) {
        const sent = unknown(granted).filter((name) => name in values)
        if (sent.length > 0)
          throw invalid(
            sent.map((name) => ({
              code: 'unknown-field',
              detail: `${name} is not a field here`,
              pointer: `${at}/${name}`,
            })),
          )
      }
      if (locks.length === 0) return
      const barred = locked(granted).filter(({ name }) => name in values)
      if (barred.length > 0) throw forbidden(barred, at)
    },
    show: (row, granted) => {
      if (guards.length > 0) for (const name of unknown(granted)) delete row[name]
      return row
    },
  }
}

function forbidden(
  barred: readonly { readonly name: string; readonly permission: string }[],
  at: string,
): ProblemError {
  const errors = barred.map(({ name, permission }) => ({
    code: 'permission-missing',
    detail: `${name} needs ${permission}`,
    pointer: `${at}/${name}`,
    allowed: [permission],
  }))
  return refuse('KWIK_FORBIDDEN', { detail: errors.map(({ detail }) => detail).join(', '), errors })
}

export const invalid = (errors: readonly ProblemIssue[]): ProblemError =>
  refuse('KWIK_INVALID', { detail: 'The body does not fit its schema.', errors })
