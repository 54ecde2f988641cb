import { type Duration, milliseconds } from '#core/internal/duration'
import { didYouMean } from '#core/internal/spelling'
import type { Model } from '../model.ts'
import type { RouteOptions } from '../options.ts'
import { type HistoryTable, historyTable } from './table.ts'

/** What a resource keeps of its writes. */
export interface HistoryOptions {
  /** Where it is kept. @default historyTable(), which is `kwik_history` */
  readonly table?: HistoryTable
  /** Fields of which only is kept that they changed. Hidden fields are among them by themselves. @default [] */
  readonly redact?: readonly string[]
  /** For how long it is kept, such as `'365d'`. @default for ever */
  readonly keep?: Duration
  /** Options of the route; `public`, `auth` or `permission` here replace the permission that it would ask for. */
  readonly options?: RouteOptions
}

export interface ResolvedHistoryOptions {
  readonly table: HistoryTable
  readonly redacted: ReadonlySet<string>
  /** Milliseconds. */
  readonly keep: number | undefined
  readonly options: RouteOptions
}

/** @throws {TypeError} for fields that are not there, naming the resource */
export function resolveHistory(model: Model, said: true | HistoryOptions): ResolvedHistoryOptions {
  const { table = historyTable(), redact = [], keep, options = {} } = said === true ? {} : said
  const names = model.fields.map((field) => field.name)
  for (const name of redact)
    if (!names.includes(name))
      throw new TypeError(`resource "${model.name}": history: there is no field "${name}"${didYouMean(name, names)}`)
  const unseen = model.fields.filter((field) => field !== model.deletedAt && !model.readable.includes(field))
  return {
    table,
    redacted: new Set([...unseen.map((field) => field.name), ...redact]),
    keep: keep === undefined ? undefined : milliseconds(keep),
    options,
  }
}
