import { nearest } from '#core/internal/spelling'
import type { Asking } from './asked.ts'
import { offers, severalWords, singleWords } from './words.ts'

/** Tells of a parameter that is not there. Fields that the caller may not know of are as if they were not. */
export function refuseUnknown({ model, knows, issues }: Asking, name: string): void {
  const known = [...model.filters.values()].filter((one) => knows(one.field))
  const bracket = name.indexOf('[')
  const field = bracket === -1 ? name : name.slice(0, bracket)
  const operators = [...new Set(known.filter((one) => one.field.name === field).map((one) => one.operator))]
  if (operators.length > 0) {
    const asked = bracket === -1 ? 'eq' : name.slice(bracket + 1).replace(/\].*$/, '')
    const close = nearest(asked, operators)
    issues.add({
      parameter: name,
      code: 'unknown-operator',
      detail: `${field} has no operator ${asked}`,
      allowed: operators,
      ...(close && { suggestion: close === 'eq' ? field : `${field}[${close}]` }),
    })
    return
  }
  const fields = [...new Set(known.map((one) => one.field.name))]
  const allowed = [...fields, ...severalWords, ...[...singleWords].filter((word) => offers(model, word))]
  const close = nearest(field, allowed)
  const brackets = close !== undefined && fields.includes(close) && bracket !== -1 ? name.slice(bracket) : ''
  issues.add({
    parameter: name,
    code: 'unknown-parameter',
    detail: close === undefined ? 'is not a parameter here' : `is not a parameter here, did you mean ${close}?`,
    allowed,
    ...(close && { suggestion: `${close}${brackets}` }),
  })
}
