import type { Dialect, Field, TableLike } from '#core/ports/database'
import { codecOf } from '#core/table/codec'
import { toEpoch } from './instants.ts'
import { columnOf } from './plain-table.ts'

/** How a field is selected, bound and carried in a cursor on one database. */
export interface Storage {
  /** SQL that selects the column. */
  read(expression: string): string
  /** Driver value to wire value; `undefined` where they are the same. */
  readonly toWire: ((value: unknown) => unknown) | undefined
  /** Wire value of a filter to bound parameter. */
  bind(value: unknown): unknown
  /** The text of a selected value, as a cursor carries it, to bound parameter. */
  bindKey(text: string): unknown
}

const numeric: ReadonlySet<string> = new Set(['int', 'float', 'bool', 'datetime'])
/** The driver gives every 64-bit number as text. */
const toNumber = (value: unknown): unknown => (value === null ? null : Number(value))
/** A moment that PostgreSQL calls infinite is no date: it leaves by its name. */
const orInfinity = (map: (value: unknown) => unknown) => (value: unknown) =>
  value === 'infinity' || value === '-infinity' ? value : map(value)
const asIs = (value: unknown): unknown => value

export function storageOf(dialect: Dialect, table: TableLike, field: Field): Storage {
  const codec = codecOf(dialect, field)
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  const column = columnOf(table, field.name)
  const kept = probes.every((probe) => isKept(codec.fromDriver, probe))
  const toWire = column?.columnType === 'PgBigInt53' ? toNumber : kept ? undefined : codec.fromDriver
  if (dialect === 'postgresql') {
    // Without a zone the text would be read in the zone of this process.
    const read =
      type === 'datetime' && column?.withTimezone === false
        ? (expression: string) => `(${expression} at time zone 'UTC')`
        : codec.read
    if (type !== 'datetime') return { read, toWire, bind: codec.toDriver, bindKey: asIs }
    return { read, toWire: column ? orInfinity(codec.fromDriver) : toWire, bind: asIs, bindKey: asIs }
  }
  const perSecond = type === 'datetime' && column?.mode === 'timestamp' ? 1000 : 1
  return {
    read: perSecond === 1 ? codec.read : (expression) => `(${expression} * ${perSecond})`,
    toWire,
    bind: type === 'datetime' ? (value) => toEpoch(value as string) / perSecond : codec.toDriver,
    bindKey: (text) => {
      if (type === 'bigint' || type === 'decimal') return BigInt(text)
      return numeric.has(type) ? Number(text) / perSecond : text
    },
  }
}

/** A codec that changes nothing answers its own argument, whatever that is: then rows need no mapping. */
const probes: readonly unknown[] = [{}, 'x']

function isKept(map: (value: unknown) => unknown, probe: unknown): boolean {
  try {
    return map(probe) === probe
  } catch {
    return false
  }
}
