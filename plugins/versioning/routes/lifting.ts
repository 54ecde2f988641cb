import type { TSchema } from '@sinclair/typebox'
import { bodyCheck, misfit } from '#core/elysia/body-hook'
import { escaped } from '#core/internal/pointer'
import type { ProblemError, ProblemIssue } from '#core/problem'
import type { Scope } from '#core/scope'
import type { Api } from '../api.ts'
import { refuse } from '../errors.ts'
import type { Convert } from '../schema/convert.ts'
import { toldThen } from '../then.ts'

/** Brings the body of an older version up to date. */
export type Lift = (scope: Scope, body: unknown) => unknown

/**
 * What is done with a body of a version: checked as it was then, so that mistakes are told in the words of its client,
 * then lifted. What does not fit after that is our mistake, never the client's.
 */
export function liftOf(api: Api, schema: TSchema, step: number): Lift | undefined {
  const { history, converters } = api
  const up = converters.between(schema, step, 'up')
  if (up === undefined) return undefined
  const wrongThen = bodyCheck(history.before(schema, step), history.modelsBefore(step))
  const wrongNow = bodyCheck(schema, history.modelsBefore(history.steps.length))
  return (scope, body) => {
    if (body === undefined || body === null) return body
    const errors = refused(scope, wrongThen?.(scope.request, body) ?? [])
    if (errors.length > 0) throw misfit(errors.map(toldThen))
    api.migrations.up++
    const lifted = attempt(up, body, scope)
    const broken = refused(scope, wrongNow?.(scope.request, lifted) ?? [])
    if (broken.length > 0 && isNothing(lifted) && !isNothing(body))
      throw misfit(nothingLeft(body as object).map(toldThen))
    if (broken.length > 0 && broken.every(isLeftOut)) throw misfit(broken)
    if (broken.length > 0) throw migrationBug(scope, new TypeError(told(broken)))
    return lifted
  }
}

/** A part of what is one field now: its client has to send the rest as well. */
const isLeftOut = ({ code, pointer = '' }: ProblemIssue): boolean => code === 'required' && pointer.lastIndexOf('/') > 0

/** An app that drops unknown fields does so in every version. */
const refused = (scope: Scope, errors: readonly ProblemIssue[]): readonly ProblemIssue[] =>
  scope.app?.core.closedBodies === false ? errors.filter(({ code }) => code !== 'unknown-field') : errors

function attempt(up: Convert, body: unknown, scope: Scope): unknown {
  try {
    return up(body)
  } catch (cause) {
    throw migrationBug(scope, cause)
  }
}

const isNothing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** A change of nothing but fields that are gone. */
const nothingLeft = (body: object): ProblemIssue[] =>
  Object.keys(body).map((name) => ({
    code: 'read-only',
    detail: `${name} cannot be written any more`,
    pointer: `/${escaped(name)}`,
  }))

const told = (errors: readonly ProblemIssue[]): string =>
  `what a change made of the body does not fit: ${errors.map(({ pointer, detail }) => `${pointer ?? ''} ${detail}`).join('; ')}`

/** Logged with its cause; the client learns nothing but the code. */
export const migrationBug = (scope: Scope, cause: unknown): ProblemError =>
  refuse('KWIK_VERSION_MIGRATION', { cause: new Error(`migration bug on ${scope.route}`, { cause }) })
