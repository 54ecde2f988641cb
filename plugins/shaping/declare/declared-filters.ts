import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type { Field, FieldType } from '#core/ports/database'
import { pythonWords } from '../query/compat.ts'
import { type Reader, readerOf } from '../query/values.ts'
import type { Operator } from '../row-types.ts'
import type { AnyFilter, FilterRule, JsonFilter, JsonPaths } from './declaration.ts'
import type { Names } from './declared.ts'
import type { FilterParameter } from './model.ts'
import { operatorsOf, takesFlag, takesList } from './operators.ts'
import { columnOf } from './plain-table.ts'

/** Words of the grammar: no filter and no relation can have these names. */
export const reserved: readonly string[] = 'where sort fields expand limit after before count q tz'.split(' ')

/**
 * Filters by values inside a JSON field. From `kwik/shaping`.
 *
 * @param paths where a value is, with its schema: a string, number, integer or boolean; or with the operators to offer
 * @example filter: { meta: json({ age: T.Number(), 'address.city': [T.String(), ['eq', 'in']] }) } // ?meta.age[gt]=9
 */
export const json = <const P extends JsonPaths>(paths: P): JsonFilter<P> => ({ paths })

/** The filter parameters of a declaration, by every name they have. */
export function filtersOf(
  declared: Readonly<Record<string, AnyFilter | undefined>>,
  names: Names,
): Map<string, FilterParameter> {
  const filters = new Map<string, FilterParameter>()
  for (const [key, spec] of Object.entries(declared)) {
    if (spec === undefined) continue
    const field = names.field(key, 'filter')
    if (isJson(spec)) for (const one of insideJson(field, spec, names)) enter(filters, one)
    else for (const one of ofField(key, field, spec, names)) enter(filters, one)
  }
  return filters
}

function enter(filters: Map<string, FilterParameter>, parameter: FilterParameter): void {
  filters.set(parameter.name, parameter)
  if (parameter.operator === 'eq') filters.set(`${parameter.key}[eq]`, parameter)
  if (parameter.list) filters.set(`${parameter.name}[]`, parameter)
}

const isJson = (spec: AnyFilter): spec is JsonFilter => typeof spec === 'object' && 'paths' in spec

function ofField(key: string, field: Field, spec: Exclude<AnyFilter, JsonFilter>, names: Names): FilterParameter[] {
  const rule: FilterRule<Operator> = typeof spec === 'object' && !Array.isArray(spec) ? (spec as never) : {}
  const { as = key } = rule
  if (reserved.includes(as) || (names.compat === 'python' && pythonWords.includes(as)))
    throw names.wrong(
      `filter: "${as}" is a word of the query grammar: give the parameter another name, { as: '${as}Value' }`,
    )
  if (!/^[a-z_][\w-]*$/i.test(as) || ['and', 'or', 'not'].includes(as))
    throw names.wrong(`filter: "${as}" cannot be the name of a parameter: say { as: '...' }`)
  if (as !== key && names.visible.has(as)) throw names.wrong(`filter: "${key}" as "${as}", which is another field`)
  const operators = Array.isArray(spec) ? (spec as readonly Operator[]) : (rule.by ?? operatorsOf(field))
  if (operators.length === 0) throw names.wrong(`filter: "${key}" is of type ${field.type}, which has no operators`)
  return parametersOf(
    { key: as, shown: key, field, operators, read: readerOf(field, columnOf(names.table, key)) },
    names,
  )
}

const jsonTypes: readonly [(schema: TSchema) => boolean, FieldType][] = [
  [TypeGuard.IsInteger, 'float'],
  [TypeGuard.IsNumber, 'float'],
  [TypeGuard.IsString, 'text'],
  [TypeGuard.IsBoolean, 'bool'],
]

/** JSON has one type of number: those that are exact in it. */
const safeIntegers: Field['range'] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]

function insideJson(field: Field, { paths }: JsonFilter, names: Names): FilterParameter[] {
  if (field.type !== 'json') throw names.wrong(`filter: "${field.name}" is of type ${field.type}, not json`)
  return Object.entries(paths).flatMap(([path, said]) => {
    const key = `${field.name}.${path}`
    const [schema, given] = Array.isArray(said) ? (said as [TSchema, readonly Operator[]]) : [said as TSchema]
    const type = jsonTypes.find(([is]) => is(schema))?.[1]
    if (type === undefined)
      throw names.wrong(`filter: "${key}" needs the schema of a string, a number, an integer or a boolean`)
    if (!/^(?!\d+(\.|$))[\w-]+(\.(?!\d+(\.|$))[\w-]+)*$/.test(path))
      throw names.wrong(`filter: "${key}": write names with points between; places in lists are not looked at`)
    const value: Field = { ...field, name: key, type, nullable: true, primaryKey: false }
    return parametersOf(
      {
        key,
        shown: key,
        field: value,
        operators: given ?? operatorsOf(value),
        read: readerOf(TypeGuard.IsInteger(schema) ? { ...value, type: 'int', range: safeIntegers } : value),
        path: path.split('.'),
      },
      names,
    )
  })
}

interface Offered extends Pick<FilterParameter, 'key' | 'field' | 'read' | 'path'> {
  /** The name that mistakes are told by. */
  readonly shown: string
  readonly operators: readonly Operator[]
}

function parametersOf({ shown, operators, ...offered }: Offered, { wrong }: Names): FilterParameter[] {
  const { key, field, read } = offered
  const possible = operatorsOf(field)
  return operators.map((operator) => {
    if (!possible.includes(operator))
      throw wrong(`filter: "${shown}" has no operator "${operator}", only ${possible.join(', ')}`)
    return {
      ...offered,
      name: operator === 'eq' ? key : `${key}[${operator}]`,
      operator,
      list: takesList(operator),
      read: takesFlag(operator) ? readFlag : read,
    }
  })
}

const readFlag: Reader = readerOf({ type: 'bool' } as Field)
