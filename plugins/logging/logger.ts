import { pathOf } from '#core/elysia/errors'
import { type Redactor, redactor } from '#core/internal/redaction'
import type { Logger, LogLevel } from '#core/ports/logger'
import type { End, Scope } from '#core/scope'
import { accessLineOf, formatAccessLine } from './access-line.ts'
import { formatLine } from './line.ts'
import { type LoggerOptions, levels, type ResolvedLoggerOptions, resolveLoggerOptions } from './options.ts'
import { bufferedOutput, type Output } from './output.ts'
import { type Pretty, prettyLines } from './pretty.ts'

/** A logger that writes lines: JSON, or pretty ones for a terminal. Made by `createLogger()`. */
export class LineLogger implements Logger {
  readonly level: LogLevel
  readonly redact: Redactor
  private readonly least: number
  private readonly options: ResolvedLoggerOptions
  private readonly output: Output
  private readonly pretty: Pretty | undefined
  private lastTime = Number.NaN
  private lastText = ''

  constructor(options: ResolvedLoggerOptions) {
    const { write } = options
    this.options = options
    this.level = options.level
    this.least = levels.indexOf(options.level)
    this.redact = redactor(options.redact)
    this.pretty = options.pretty ? prettyLines(options.colors) : undefined
    this.output = write === undefined ? bufferedOutput(1) : { write, flush: async () => {} }
  }

  debug(message: string, properties?: Readonly<Record<string, unknown>>): void {
    this.write('debug', 'kwik', message, properties)
  }

  info(message: string, properties?: Readonly<Record<string, unknown>>): void {
    this.write('info', 'kwik', message, properties)
  }

  warning(message: string, properties?: Readonly<Record<string, unknown>>): void {
    this.write('warning', 'kwik', message, properties)
  }

  error(message: string, properties?: Readonly<Record<string, unknown>>): void {
    this.write('error', 'kwik', message, properties)
  }

  /** Whether lines of a level are written. */
  takes(level: LogLevel): boolean {
    return levels.indexOf(level) >= this.least
  }

  /** Writes one line, with the request it belongs to and without secrets. @param logger its category: `app.orders` */
  write(level: LogLevel, logger: string, message: string, properties?: Readonly<Record<string, unknown>>): void {
    if (!this.takes(level)) return
    const line = { level, logger, message, properties }
    const time = this.time()
    this.output.write(this.pretty?.line(time, line, this.redact) ?? formatLine(time, line, this.redact))
  }

  /** Writes the line of a request that ended. */
  access(scope: Scope, end: End): void {
    const line = accessLineOf(scope, end)
    if (!this.takes(line.level)) return
    const time = this.time()
    this.output.write(
      this.pretty?.access(time, line, this.redact.text(pathOf(scope.request.url))) ?? formatAccessLine(time, line),
    )
  }

  /** Settles when every line so far has left the process. */
  flush(): Promise<void> {
    return this.output.flush()
  }

  private time(): string {
    const now = this.options.clock.now()
    if (now !== this.lastTime) {
      this.lastTime = now
      this.lastText = new Date(now).toISOString()
    }
    return this.lastText
  }
}

/**
 * Makes a logger whose lines carry the id and the user of the request they belong to, and no secrets. From `kwik/logging`.
 *
 * @throws {TypeError} for a level or format that does not exist
 * @example
 * const logger = createLogger({ level: 'warning', format: 'json' })
 * logger.warning('stock is low', { product: 'lamp', left: 2 })
 */
export function createLogger(options: LoggerOptions = {}): LineLogger {
  return new LineLogger(resolveLoggerOptions(options))
}
