import { isDeepStrictEqual } from 'node:util'
import type { TSchema } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import type * as FastCheck from 'fast-check'
import { boot } from '#core/boot'
import { fits, misfitsOf } from '#core/schema'
import { type AnyVersions, versionsInside } from '../../../plugins/versioning/index.ts'
import { Arbitraries } from './arbitraries.ts'
import { comparable } from './comparable.ts'

export interface CheckVersionsOptions {
  /** Checks the schemas of its routes too: bodies of changes, lists, what stands in other objects. */
  readonly app?: AnyElysia
  /** Values for each law. @default 100 */
  readonly runs?: number
  /** Finds a case again: a failure names it. @default random */
  readonly seed?: number
  /** Values of a schema of yours, where those that are made do not do. */
  readonly values?: (schema: TSchema) => FastCheck.Arbitrary<unknown> | undefined
}

type Law = (value: unknown) => string | undefined

/**
 * Checks the changes of an API with generated values, in a suite of yours: what is lifted fits the newer schema, what is
 * lowered fits the older one, and, where no loss was declared, values come back as they were. Needs `fast-check`. From
 * `kwik/testing`.
 *
 * @param api what `versions()` returned
 * @throws {Error} naming change, law, value and seed
 * @example test('every version can be served', () => checkVersions(api, { app }))
 */
export async function checkVersions(api: AnyVersions, options: CheckVersionsOptions = {}): Promise<void> {
  const { history, converters, versions, targets } = versionsInside(api)
  const { runs = 100, values, app } = options
  const fc = await fastCheck()
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31)
  const hold = (what: string, schema: TSchema, step: number, law: Law): void => {
    const made = new Arbitraries(fc, history.modelsBefore(step), values).of(schema)
    const report = fc.check(
      fc.property(made, (value) => {
        const broken = law(value)
        if (broken !== undefined) throw new Error(broken)
      }),
      { numRuns: runs, seed },
    )
    if (!report.failed) return
    const [value] = report.counterexample ?? []
    const why = report.errorInstance instanceof Error ? report.errorInstance.message : String(report.errorInstance)
    throw new Error(`checkVersions: ${what}: ${why}\nvalue: ${JSON.stringify(value)}\nseed: ${seed}`)
  }
  const fitting = (schema: TSchema, step: number, value: unknown): string | undefined =>
    fits(schema, value, history.modelsBefore(step))
      ? undefined
      : `it became ${JSON.stringify(value)}, which does not fit: ${misfitsOf(schema, value, history.modelsBefore(step))
          .map(({ pointer, detail }) => `${pointer} ${detail}`)
          .join('; ')}`

  for (const { name, schema } of targets)
    for (const [at, { to }] of history.steps.entries()) {
      const newer = history.before(schema, at + 1)
      const older = history.before(schema, at)
      const up = converters.over(newer, at, at + 1, 'up')
      const down = converters.over(newer, at, at + 1, 'down')
      if (!up || !down) continue
      const what = `${name}, changes of version ${to}`
      hold(`${what}, up`, older, at, (one) => fitting(newer, at + 1, up(one)))
      hold(`${what}, down`, newer, at + 1, (one) => fitting(older, at, down(one)))
      const back = (law: string, side: 'older' | 'newer', there: typeof up, andBack: typeof up): void => {
        const seen = (one: unknown): unknown => comparable(history, side === 'older' ? older : newer, one, at, side)
        hold(`${what}, ${law}`, side === 'older' ? older : newer, side === 'older' ? at : at + 1, (one) => {
          const returned = andBack(there(one))
          return isDeepStrictEqual(seen(returned), seen(one))
            ? undefined
            : `it came back as ${JSON.stringify(returned)}: mend the change, or say { lossy: true }`
        })
      }
      back('down(up(x)) = x', 'older', up, down)
      back('up(down(y)) = y', 'newer', down, up)
    }

  const all = app ? routesOf(app) : []
  const answers = [...targets, ...all.filter(({ isBody }) => !isBody)]
  for (const { name, schema } of answers)
    for (const version of versions.filter(({ isNewest }) => !isNewest)) {
      const older = history.before(schema, version.step)
      const down = converters.between(schema, version.step, 'down')
      if (down)
        hold(`${name}, down to version ${version.name}`, schema, history.steps.length, (one) =>
          fitting(older, version.step, down(one)),
        )
    }
  for (const { name, schema } of all.filter(({ isBody }) => isBody))
    for (const version of versions.filter(({ isNewest }) => !isNewest)) {
      const up = converters.between(schema, version.step, 'up')
      const older = history.before(schema, version.step)
      if (up)
        hold(`${name}, up from version ${version.name}`, older, version.step, (one) =>
          isNothing(up(one)) ? undefined : fitting(schema, history.steps.length, up(one)),
        )
    }

  function routesOf(root: AnyElysia) {
    boot(root)
    return [...versionsInside(api).routesOf(root)].flatMap(([name, { body, answers }]) => [
      ...(body ? [{ name: `body of ${name}`, schema: body, isBody: true }] : []),
      ...[...answers].flatMap(([status, schema]) =>
        isOfDocument(schema) ? [] : [{ name: `${status} of ${name}`, schema, isBody: false }],
      ),
    ])
  }
}

/** A change of nothing but what is gone is refused. */
const isNothing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** What refers into the API document, such as to its Problem, is no schema that a value could be made of. */
const isOfDocument = (schema: TSchema): boolean => JSON.stringify(schema).includes('"#/components/')

/** @throws {TypeError} saying what to install */
async function fastCheck(): Promise<typeof FastCheck> {
  try {
    return await import('fast-check')
  } catch {
    throw new TypeError('checkVersions makes its values with fast-check: bun add -d fast-check')
  }
}
