import type { LogLevel } from '#core/ports/logger'
import type { AccessLine } from './access-line.ts'
import type { Line } from './line.ts'

/** Lines for a person at a terminal. */
export interface Pretty {
  line(time: string, line: Line): string
  access(line: AccessLine, path: string): string
}

const codes: Readonly<Record<LogLevel, number>> = { debug: 90, info: 32, warning: 33, error: 31, fatal: 31 }

export function prettyLines(colors: boolean): Pretty {
  const paint = (code: number, text: string): string => (colors ? `\u001b[${code}m${text}\u001b[0m` : text)
  const head = (time: string, level: LogLevel): string =>
    `${paint(90, time.slice(11, 23))} ${paint(codes[level], level.padEnd(7))}`
  return {
    line(time, line) {
      const { error, traceId: _, spanId: __, ...fields } = line.fields
      const said = Object.entries(fields).map(([name, value]) => ` ${paint(90, `${name}=`)}${short(value)}`)
      const trouble = error === undefined ? '' : `\n${indented(troubleOf(error))}`
      return `${head(time, line.level)} ${line.logger}: ${printable(line.message)}${said.join('')}${trouble}`
    },
    access(line, path) {
      const status = paint(line.status >= 500 ? 31 : line.status >= 400 ? 33 : 32, String(line.status))
      const queries =
        line.queryMs === undefined ? undefined : `${line.queries} statements in ${line.queryMs.toFixed(1)} ms`
      const rest = [
        line.slow ? 'slow' : undefined,
        queries,
        line.userId,
        line.code,
        line.broken ? 'broken' : line.aborted ? 'aborted' : undefined,
        line.requestId,
      ]
      const said = rest.filter((one) => one !== undefined).map((one) => ` ${paint(90, printable(one))}`)
      return `${head(line.time, line.level)} ${status} ${line.method} ${printable(path)} ${line.duration.toFixed(1)} ms${said.join('')}`
    },
  }
}

/** The stacks of an error and of all that is behind it. */
function troubleOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return short(error)
  const { stack, cause, errors } = error as { stack?: unknown; cause?: unknown; errors?: unknown[] }
  const behind = [...(cause === undefined ? [] : [cause]), ...(errors ?? [])]
  return [typeof stack === 'string' ? stack : short(error), ...behind.map((one) => `caused by ${troubleOf(one)}`)].join(
    '\n',
  )
}

const short = (value: unknown): string => (typeof value === 'string' ? printable(value) : JSON.stringify(value))

/** What comes from outside moves no cursor and paints nothing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const printable = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '·')

/** A message may have line feeds: what comes after one must not look like a line of its own. */
const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${printable(line)}`)
    .join('\n')
