import type { TSchema } from '@sinclair/typebox'
import type { Problem, ProblemIssue } from '#core/problem'
import type { Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import type { Api, Version } from '../api.ts'
import { type Deprecation, type DeprecationHeaders, deprecationHeaders } from '../deprecation.ts'
import { rangeCheck, type VersionRange } from '../range.ts'
import type { Convert } from '../schema/convert.ts'
import { olderPlace, olderPointer } from '../schema/pointer.ts'
import { isToldThen } from '../then.ts'
import type { Endpoints, Placed } from './endpoints.ts'
import { type Lift, liftOf, migrationBug } from './lifting.ts'
import { bare } from './paths.ts'
import { answerFor, answersJson, type RouteSchemas, schemasOf } from './schemas.ts'

/** One route in all versions. */
export class VersionedRoute {
  readonly schemas: RouteSchemas
  /** Whether it says that it answers JSON alone. */
  readonly isJson: boolean
  readonly deprecation: DeprecationHeaders | undefined
  readonly method: string
  readonly path: string
  readonly isIn: (version: Version) => boolean
  private readonly api: Api
  private readonly endpoints: Endpoints
  private readonly lifts: readonly (Lift | undefined)[]
  private readonly lowers = new Map<TSchema, readonly (Convert | undefined)[]>()
  private readonly queries: readonly (Convert | undefined)[]

  /** @throws {TypeError} for a range of versions that are not there, and days that are none */
  constructor(api: Api, endpoints: Endpoints, facts: RouteFacts) {
    const { version, deprecated } = facts.options as { version?: VersionRange; deprecated?: Deprecation | false }
    const older = Array.from({ length: api.newest.step }, (_, step) => step)
    const { history, converters } = api
    this.api = api
    this.endpoints = endpoints
    this.method = facts.method
    this.path = bare(facts.path)
    this.isIn = version ? rangeCheck(version, api) : () => true
    this.deprecation = deprecated ? deprecationHeaders(deprecated, 'deprecated') : undefined
    this.schemas = schemasOf(facts, history.modelsBefore(history.steps.length))
    const { body, query, answers } = this.schemas
    this.isJson = answersJson(facts, answers)
    this.lifts = older.map((step) => body && liftOf(api, body, step))
    this.queries = older.map((step) => query && converters.between(query, step, 'up'))
    for (const schema of answers.values())
      this.lowers.set(
        schema,
        older.map((step) => converters.between(schema, step, 'down')),
      )
  }

  at(version: Version): Placed {
    return this.endpoints.at(this.method, this.path, version)
  }

  /** Whether a version has it, at the path that was asked. */
  exists(version: Version, moved: boolean): boolean {
    const placed = this.at(version)
    return this.isIn(version) && placed.exists && (placed.moved !== undefined) === moved
  }

  get liftsBody(): boolean {
    return this.lifts.some((lift) => lift !== undefined)
  }

  get liftsQuery(): boolean {
    return this.queries.some((lift) => lift !== undefined)
  }

  get lowersAnswer(): boolean {
    // Among what became of many items are problems, which point into the body.
    const tellsOutcomes = this.liftsBody && this.schemas.answers.has(207)
    return tellsOutcomes || [...this.lowers.values()].flat().some((lower) => lower !== undefined)
  }

  lift(scope: Scope, body: unknown, step: number): unknown {
    const lift = this.lifts[step]
    return lift ? lift(scope, body) : body
  }

  liftQuery(scope: Scope, query: unknown, step: number): unknown {
    const lift = this.queries[step]
    if (lift === undefined) return query
    this.api.migrations.up++
    return guarded(lift, query, scope)
  }

  lower(scope: Scope, value: unknown, status: number, step: number): unknown {
    const schema = answerFor(this.schemas.answers, status)
    const lower = schema && this.lowers.get(schema)?.[step]
    const lowered = lower ? guarded(lower, value, scope) : value
    if (lower) this.api.migrations.down++
    return status === 207 ? this.outcomes(lowered, step) : lowered
  }

  /** What became of each item of many: what is wrong with them is told in their names. */
  private outcomes(value: unknown, step: number): unknown {
    const { data } = (value ?? {}) as { data?: unknown }
    if (!Array.isArray(data)) return value
    const told = data.map((one: { problem?: Problem }) =>
      one?.problem ? { ...one, problem: this.problem(one.problem, step, step) } : one,
    )
    return { ...(value as object), data: told }
  }

  /** A problem in the words of who asked: pointers into the body in its version, parameters in that of the answer. */
  problem(problem: Problem, bodyStep: number | undefined, step: number | undefined): Problem {
    if (problem.errors === undefined) return problem
    return { ...problem, errors: problem.errors.map((one) => this.issue(one, bodyStep, step)) }
  }

  private issue(issue: ProblemIssue, bodyStep: number | undefined, step: number | undefined): ProblemIssue {
    if (isToldThen(issue)) return issue
    const { history } = this.api
    const { body, query } = this.schemas
    const { pointer, parameter } = issue
    if (pointer !== undefined && body !== undefined && bodyStep !== undefined)
      return { ...issue, pointer: olderPointer(history, body, pointer, bodyStep) }
    if (parameter !== undefined && query !== undefined && step !== undefined)
      return { ...issue, parameter: olderPlace(history, query, parameter.split('/'), step).join('/') }
    return issue
  }
}

function guarded(convert: Convert, value: unknown, scope: Scope): unknown {
  try {
    return convert(value)
  } catch (cause) {
    throw migrationBug(scope, cause)
  }
}
