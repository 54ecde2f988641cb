import { refuse as refuseAtAll } from '#core/errors'
import { preferred } from '#core/internal/accept'
import { nearest } from '#core/internal/spelling'
import type { ProblemError } from '#core/problem'
import { refuse } from '../errors.ts'
import type { Asked } from '../query/asked.ts'
import { Issues } from '../query/issues.ts'
import type { Expansion } from '../query/selection.ts'
import type { ExportFormat, ExportRules } from '../types.ts'
import { type Column, csvOf } from './csv.ts'

type Row = Record<string, unknown>

/** The forms in which a list can be exported. */
export const exportFormats: readonly ExportFormat[] = ['csv', 'ndjson']

const types: Readonly<Record<ExportFormat, string>> = { csv: 'text/csv', ndjson: 'application/x-ndjson' }

/** What one request asks its export to be. */
export interface Form {
  readonly format: ExportFormat
  readonly bom: boolean
  readonly max: number | undefined
}

/** The form of an export, by its parameters and else by Accept. What is wrong goes to `issues`. @throws {ProblemError} KWIK_NOT_ACCEPTABLE */
export function formOf(
  { form, expansions }: Asked,
  request: Request,
  { formats = exportFormats, max }: ExportRules,
  issues: Issues,
): Form {
  const format = form.format === undefined ? formatFor(request, formats) : formats.find((one) => one === form.format)
  if (format === undefined) {
    const suggestion = nearest(form.format!, formats)
    const detail = `must be ${formats.join(' or ')}`
    issues.add({
      parameter: 'format',
      code: 'not-allowed',
      detail,
      allowed: formats,
      ...(suggestion && { suggestion }),
    })
  } else if (format === 'csv' && expansions.length > 0) addNested(issues, expansions)
  if (form.bom !== undefined && form.bom !== 'true' && form.bom !== 'false')
    issues.add({ parameter: 'bom', code: 'not-a-boolean', detail: 'must be true or false' })
  else if (form.bom === 'true' && format === 'ndjson')
    issues.add({ parameter: 'bom', code: 'exclusive', detail: 'is for format=csv' })
  return { format: format ?? formats[0]!, bom: form.bom === 'true', max }
}

/** @throws {ProblemError} KWIK_NOT_ACCEPTABLE */
export function formatFor(request: Request, formats: readonly ExportFormat[] = exportFormats): ExportFormat {
  const type = preferred(
    request.headers.get('accept'),
    formats.map((format) => types[format]),
  )
  const format = formats.find((one) => types[one] === type)
  if (format) return format
  throw refuseAtAll('KWIK_NOT_ACCEPTABLE', {
    detail: `Say ${formats.map((one) => `format=${one}`).join(' or ')}, or Accept: ${formats.map((one) => types[one]).join(', ')}.`,
  })
}

function addNested(issues: Issues, expansions: readonly Expansion[]): void {
  const detail = 'shows rows in rows, which CSV has no place for: say format=ndjson'
  for (const parameter of new Set(expansions.map(({ by }) => by))) issues.add({ parameter, code: 'not-in-csv', detail })
}

/** The refusal of rows in rows where the handler chose CSV. */
export function nestedRows(expansions: readonly Expansion[]): ProblemError {
  const issues = new Issues()
  addNested(issues, expansions)
  return issues.problem()
}

export const tooLarge = (max: number): ProblemError =>
  refuse('KWIK_EXPORT_TOO_LARGE', {
    detail: `More than ${max} rows fit: narrow the filters, or export in parts.`,
  })

/** How rows become text. */
interface Writer {
  readonly type: string
  readonly head: string
  text(rows: readonly Row[]): string
}

function writerOf(format: ExportFormat, columns: readonly Column[], bom: boolean): Writer {
  if (format === 'ndjson')
    return { type: types.ndjson, head: '', text: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('') }
  const csv = csvOf(columns)
  return {
    type: `${types.csv}; charset=utf-8; header=present`,
    head: `${bom ? '\ufeff' : ''}${csv.header}`,
    text: csv.text,
  }
}

interface Exported {
  readonly format: ExportFormat
  readonly bom: boolean
  readonly columns: readonly Column[]
  /** Of the file, without its ending. */
  readonly name: string
}

/**
 * Answers rows as they are read: a batch is read when the client has taken the one before, and none once it has left.
 * What fails before the first byte is a problem; what fails later breaks the answer off, so that it does not look whole.
 */
export async function exported(
  batches: AsyncGenerator<Row[]>,
  { format, bom, columns, name }: Exported,
): Promise<Response> {
  const { type, head, text } = writerOf(format, columns, bom)
  const encoder = new TextEncoder()
  let first: IteratorResult<Row[]> | undefined = await batches.next()
  let begun = head
  let left = false
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (to) => {
        for (;;) {
          const { done, value } = first ?? (await batches.next())
          first = undefined
          if (left) return
          if (done) return to.close()
          const chunk = begun + text(value)
          begun = ''
          // An empty chunk would be the end of the body to HTTP.
          if (chunk !== '') return to.enqueue(encoder.encode(chunk))
        }
      },
      cancel: async () => {
        left = true
        await batches.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, {
    headers: { 'content-type': type, 'content-disposition': disposition(`${name}.${format}`), vary: 'accept' },
  })
}

/** A file's name that every client reads alike, and the real one where that differs (RFC 6266, 8187). */
function disposition(file: string): string {
  const plain = file.replace(/[^\w.-]/g, '_')
  const whole = encodeURIComponent(file.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"${plain === file ? '' : `; filename*=UTF-8''${whole}`}`
}
