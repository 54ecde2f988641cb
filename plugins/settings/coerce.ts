import { Kind, type TSchema, type TUnion, TypeGuard } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { typeInWords } from './describe/words.ts'

/** A value that was read from a text, or why it cannot be one. */
export type Coerced = { readonly value: unknown } | { readonly fault: string }

/**
 * The value that a text stands for, strictly: `1e3`, `0x10`, `3.7` and `Infinity` are no integers, `yes` and `on` no booleans.
 * Lists are JSON or parts between commas, objects are JSON.
 */
export function coerce(schema: TSchema, text: string): Coerced {
  if (TypeGuard.IsInteger(schema)) return integer(text)
  if (TypeGuard.IsNumber(schema)) return number(text)
  if (TypeGuard.IsBoolean(schema)) return boolean(text)
  if (TypeGuard.IsLiteral(schema))
    return text === String(schema.const) ? { value: schema.const } : { fault: expected([schema.const]) }
  if (TypeGuard.IsArray(schema)) return list(schema.items, text)
  if (TypeGuard.IsObject(schema) || TypeGuard.IsRecord(schema)) return json(text, '{', 'a JSON object')
  if (TypeGuard.IsUnion(schema)) return union(schema, text)
  if (TypeGuard.IsNull(schema)) return { fault: 'must be left out' }
  return { value: text }
}

function integer(text: string): Coerced {
  if (!/^-?(?:0|[1-9]\d*)$/.test(text)) return { fault: 'must be an integer' }
  const value = Number(text)
  return Number.isSafeInteger(value) ? { value } : { fault: 'must be an integer that a number can hold exactly' }
}

const number = (text: string): Coerced =>
  /^-?(?:0|[1-9]\d{0,15})(?:\.\d+)?$/.test(text) ? { value: Number(text) } : { fault: 'must be a number' }

function boolean(text: string): Coerced {
  if (text === 'true' || text === '1') return { value: true }
  if (text === 'false' || text === '0') return { value: false }
  return { fault: 'must be true or false' }
}

/** A member that fits the text exactly; a plain text only when nothing else does. */
function union(schema: TUnion, text: string): Coerced {
  const members = schema.anyOf
  const literals = members.filter(TypeGuard.IsLiteral).map((one) => one.const)
  if (literals.length === members.length) {
    const value = literals.find((one) => String(one) === text)
    return value === undefined ? { fault: expected(literals) } : { value }
  }
  const faults: string[] = []
  for (const member of [...members].sort((a, b) => Number(TypeGuard.IsString(a)) - Number(TypeGuard.IsString(b)))) {
    if (TypeGuard.IsNull(member) || member[Kind] === 'Undefined') continue
    const coerced = coerce(member, text)
    if ('fault' in coerced) faults.push(coerced.fault)
    else if (Value.Check(member, coerced.value)) return coerced
  }
  if (schema['inWords'] !== undefined || faults.length === 0) return { fault: `takes ${typeInWords(schema)}` }
  return { fault: [...new Set(faults)].join(' or ') }
}

function list(items: TSchema, text: string): Coerced {
  if (text.trimStart().startsWith('[')) return json(text, '[', 'a JSON list')
  const values: unknown[] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') return { fault: 'must not have empty parts between its commas' }
    const coerced = coerce(items, part)
    if ('fault' in coerced) return { fault: `each part ${coerced.fault}` }
    values.push(coerced.value)
  }
  return { value: values }
}

function json(text: string, opening: string, what: string): Coerced {
  try {
    if (text.trimStart().startsWith(opening)) return { value: JSON.parse(text) as unknown }
  } catch {
    // Said below: what the parser says would show the text.
  }
  return { fault: `must be ${what}` }
}

const expected = (literals: readonly unknown[]): string =>
  `must be ${literals.length === 1 ? '' : 'one of '}${literals.map((one) => JSON.stringify(one)).join(', ')}`
