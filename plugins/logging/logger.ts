import { currentCollector } from '#core/collecting'
import { pathOf } from '#core/elysia/errors'
import { type Redactor, redactor } from '#core/internal/redaction'
import type { Logger, LogLevel } from '#core/ports/logger'
import type { Scope } from '#core/scope'
import { accessFields, accessLineOf, type Ended } from './access-line.ts'
import type { LevelName } from './levels.ts'
import { fieldsOf, formatFields, type Line } from './line.ts'
import { type LoggerOptions, type ResolvedLoggerOptions, resolveLoggerOptions } from './options.ts'
import { type Pretty, prettyLines } from './pretty.ts'
import type { Sink } from './sink.ts'
import { type Time, timeWith } from './timer.ts'

type Properties = Readonly<Record<string, unknown>>

/** A logger that writes lines: JSON, or pretty ones for a terminal. Made by `createLogger()`. */
export class LineLogger implements Logger {
  readonly redact: Redactor
  /** Writes how long something took, at `info`: `using _ = logger.time('resize')`. */
  readonly time: Time
  readonly #options: ResolvedLoggerOptions
  readonly #pretty: Pretty | undefined
  readonly #wantsText: boolean
  readonly #wantsParts: boolean
  readonly #onLevels = new Set<() => void>()
  #failed = 0
  #lastTime = Number.NaN
  #lastText = ''

  constructor(options: ResolvedLoggerOptions) {
    this.#options = options
    this.redact = redactor(options.redact, options.show)
    this.#pretty = options.pretty ? prettyLines(options.colors) : undefined
    this.#wantsText = options.sinks.some((sink) => sink.line)
    this.#wantsParts = options.sinks.some((sink) => sink.entry)
    this.time = timeWith((message, properties) => this.info(message, properties))
  }

  debug(message: string, properties?: Properties): void {
    this.write('debug', 'kwik', message, properties)
  }

  info(message: string, properties?: Properties): void {
    this.write('info', 'kwik', message, properties)
  }

  warning(message: string, properties?: Properties): void {
    this.write('warning', 'kwik', message, properties)
  }

  error(message: string, properties?: Properties): void {
    this.write('error', 'kwik', message, properties)
  }

  /** Whether lines of a level and category are written. */
  takes(level: LogLevel, category = 'kwik'): boolean {
    return this.#options.levels.takes(level, category)
  }

  /**
   * Changes the level of a category, and of all below it, while the app runs; `''` stands for all that have none of their own.
   * @throws {TypeError} for a level that does not exist; what was set stays
   * @example logger.setLevel('shop.orders', 'debug')
   */
  setLevel(category: string | readonly string[], level: LevelName): void {
    this.#options.levels.set(typeof category === 'string' ? category : category.join('.'), level)
    for (const tell of this.#onLevels) tell()
  }

  /** The place of the least grave level that is written at all, in `levels`. */
  get least(): number {
    return this.#options.levels.least
  }

  /** Is told when a level changes. @returns how to stop it */
  onLevels(tell: () => void): () => void {
    this.#onLevels.add(tell)
    return () => void this.#onLevels.delete(tell)
  }

  /** Lines that went nowhere so far: nobody read them in time, or what should take them failed. */
  get dropped(): number {
    return this.#options.sinks.reduce((sum, sink) => sum + (sink.dropped ?? 0), this.#failed)
  }

  /** Writes one line, with the request it belongs to and without secrets. @param logger its category: `app.orders` */
  write(level: LogLevel, logger: string, message: string, properties?: Properties): void {
    if (!this.takes(level, logger)) return
    const now = this.#options.clock.now()
    const line: Line = { level, logger, message: this.redact.text(message), fields: fieldsOf(properties, this.redact) }
    if (this.#wantsText) {
      const time = this.#textOf(now)
      this.#send(this.#pretty?.line(time, line) ?? formatFields(time, line))
    }
    this.#sendParts(now, line)
  }

  /** Writes the line of a request that ended. */
  access(scope: Scope, ended: Ended): void {
    const now = this.#options.clock.now()
    const line = accessLineOf(this.#textOf(now), scope, ended)
    if (this.#wantsText)
      this.#send(this.#pretty?.access(line, this.redact.text(pathOf(scope.request.url))) ?? JSON.stringify(line))
    if (!this.#wantsParts && currentCollector() === undefined) return
    const { level, logger, method, route, status } = line
    const message = `${method} ${route ?? '(no route)'} ${status}`
    this.#sendParts(now, { level, logger, message, fields: accessFields(line) })
  }

  /** Settles when every line so far has left the process. */
  async flush(): Promise<void> {
    await Promise.all(this.#options.sinks.map((sink) => sink.flush?.()))
  }

  #send(text: string): void {
    for (const sink of this.#options.sinks) if (sink.line) this.#guarded(sink, () => sink.line!(text))
  }

  #sendParts(time: number, line: Line): void {
    currentCollector()?.line({ ...line.fields, level: line.level, logger: line.logger, message: line.message })
    if (!this.#wantsParts) return
    for (const sink of this.#options.sinks) if (sink.entry) this.#guarded(sink, () => sink.entry!({ time, ...line }))
  }

  /** What cannot be logged fails nobody's work. */
  #guarded(sink: Sink, run: () => void): void {
    try {
      run()
    } catch {
      if (sink.dropped === undefined) this.#failed++
    }
  }

  #textOf(now: number): string {
    if (now !== this.#lastTime) {
      this.#lastTime = now
      this.#lastText = new Date(now).toISOString()
    }
    return this.#lastText
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
