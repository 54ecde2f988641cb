import { nearest } from '#core/internal/spelling'
import type { Model } from '../declare/model.ts'
import { type Asking, knows, relationIn, type Spot } from './paths.ts'

/** A name that leads nowhere, or not on. */
interface Lost {
  /** Where the name could not be followed any more. */
  readonly model: Model
  /** What of the name was right, with its last point. */
  readonly passed: string
  readonly rest: string
  readonly spot: Spot
  /** Whether words of the grammar could stand here. */
  readonly isRoot: boolean
}

/** Tells of a parameter that is not there. Fields that the caller may not know of are as if they were not. */
export function refuseUnknown(asking: Asking, { model, passed: way, rest, spot, isRoot }: Lost): void {
  const { issues, prefix } = asking
  const passed = prefix + way
  const known = [...new Set(model.filters.values())].filter((one) => knows(asking, model, one.field))
  const bracket = rest.indexOf('[')
  const key = bracket === -1 ? rest : rest.slice(0, bracket)
  const operators = [...new Set(known.filter((one) => one.key === key).map((one) => one.operator))]
  if (operators.length > 0) {
    const asked = bracket === -1 ? 'eq' : rest.slice(bracket + 1).replace(/\].*$/, '')
    const close = nearest(asked, operators)
    issues.add({
      ...spot,
      code: 'unknown-operator',
      detail: `${passed}${key} has no operator ${asked}`,
      allowed: operators,
      ...(close && { suggestion: `${passed}${close === 'eq' ? key : `${key}[${close}]`}` }),
    })
    return
  }
  const keys = [...new Set(known.map((one) => one.key))]
  const relations = [...model.relations.keys()].filter((name) => relationIn(asking, model, name)?.filters)
  const words = isRoot && spot.at === undefined ? [...asking.words] : []
  const dot = key.indexOf('.')
  const close = nearest(key, [...keys, ...words]) ?? nearest(dot === -1 ? key : key.slice(0, dot), relations)
  const isRelation = close !== undefined && relations.includes(close)
  const tail = isRelation ? rest.slice(dot === -1 ? rest.length : dot) : bracket === -1 ? '' : rest.slice(bracket)
  const suggestion = close && `${passed}${close}${isRelation || keys.includes(close) ? tail : ''}`
  issues.add({
    ...spot,
    code: 'unknown-parameter',
    detail:
      `${passed}${key} is not a parameter here${close === undefined ? '' : `, did you mean ${passed}${close}?`}`.slice(
        0,
        300,
      ),
    allowed: [...keys, ...relations.map((one) => `${one}.`), ...words].map((one) => passed + one),
    ...(suggestion && { suggestion: suggestion.slice(0, 200) }),
  })
}
