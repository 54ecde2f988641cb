import { bytesIn, type Size } from '#core/internal/size'
import { didYouMean } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import type { FileStore } from '#core/ports/file-store'
import type { Model } from '../model.ts'
import type { AnyResourceOptions, RouteOptions } from '../options.ts'
import { isSafeInline } from './media.ts'

/** What a file column takes. */
export interface FileRule {
  /** Media types that may be stored, such as `['image/png', 'image/jpeg']`: by the header, and by the bytes where they are known. */
  readonly types: readonly string[]
  /** Largest file. @default '5MB' */
  readonly maxBytes?: Size
  /** Take files without a byte. @default false */
  readonly empty?: boolean
  /**
   * Let browsers show the file instead of saving it. **Never for types that run scripts** on your origin: HTML and SVG
   * are refused. @default true for images, audio and video
   */
  readonly inline?: boolean
  /** Options of the upload's route: `timeout`, `rateLimit`, ... @default { timeout: '5m' } */
  readonly options?: RouteOptions
}

/** A file column as its routes use it. */
export interface FileColumn {
  readonly field: Field
  readonly types: readonly string[]
  readonly maxBytes: number
  readonly empty: boolean
  readonly options: RouteOptions
  isInline(type: string): boolean
}

/** Paths below a row that have another meaning. */
const taken: ReadonlySet<string> = new Set(['history', 'restore', 'purge'])

/** Types that browsers run, whoever calls them a file. */
const running = /html|svg|xml|script/

/** @throws {TypeError} for columns that cannot have files, naming the resource */
export function fileColumnsOf(
  model: Model,
  { files, fileStore, only }: AnyResourceOptions,
): { readonly store: FileStore; readonly columns: readonly FileColumn[] } | undefined {
  const wrong = (text: string): TypeError => new TypeError(`resource "${model.name}": ${text}`)
  const all = model.fields.filter((field) => field.type === 'file')
  const creates = only?.includes('create') ?? true
  for (const { name, nullable, hasDefault } of all)
    if (creates && !nullable && !hasDefault)
      throw wrong(`"${name}" has its file after the row is made: say t.file().nullable()`)
  if (files === undefined) return undefined
  if (fileStore === undefined) throw wrong("files need a place: fileStore: diskFiles({ folder: './data/files' })")
  const names = all.map((field) => field.name)
  const columns = Object.entries(files as Readonly<Record<string, FileRule>>).map(([name, rule]): FileColumn => {
    const field = all.find((one) => one.name === name)
    if (field === undefined) throw wrong(`files: there is no t.file() field "${name}"${didYouMean(name, names)}`)
    if (!model.readable.includes(field)) throw wrong(`files: "${name}" is hidden: nobody could read its file`)
    if (taken.has(name)) throw wrong(`files: "${name}" is the path of another route: give the field another name`)
    const { types, maxBytes = '5MB', empty = false, inline, options = {} } = rule
    if (types.length === 0 || types.some((type) => !/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(type)))
      throw wrong(`files: "${name}": types takes media types in lower case, such as 'image/png'`)
    if (inline && types.some((type) => running.test(type)))
      throw wrong(`files: "${name}": browsers would run what is in it: leave inline out`)
    const isInline = (type: string): boolean => (inline ?? isSafeInline(type)) && !running.test(type)
    return { field, types, maxBytes: bytesIn(maxBytes), empty, options, isInline }
  })
  return { store: fileStore, columns }
}
