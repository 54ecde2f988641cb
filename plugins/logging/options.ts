import process from 'node:process'
import { systemClock } from '#core/adapters/clock'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { Personal } from '#core/internal/redaction'
import { didYouMean } from '#core/internal/spelling'
import type { Clock } from '#core/ports/clock'
import { type LevelName, Levels } from './levels.ts'
import type { LineLogger } from './logger.ts'
import { type SampleRule, type Sampling, samplingOf } from './sampling.ts'
import type { Sink } from './sink.ts'
import { standardOutput } from './sinks/standard-output.ts'

/** How a logger writes its lines. */
export interface LoggerOptions {
  /** Lines below it are not written. @default 'info' */
  readonly level?: LevelName
  /** Levels of categories, and of all below them: `{ 'kwik.access': 'warning', shop: 'debug' }`. @default {} */
  readonly levels?: Readonly<Record<string, LevelName>>
  /** `auto` is pretty on a terminal outside of production, JSON elsewhere. @default 'auto' */
  readonly format?: 'json' | 'pretty' | 'auto'
  /** Names of more fields that are never shown, beside passwords, tokens, cookies and their like. @default [] */
  readonly redact?: readonly string[]
  /** What is about people and may be seen all the same: e-mail addresses, numbers of cards. @default [] */
  readonly show?: readonly Personal[]
  /** Where lines go: `standardOutput()`, `fileSink()`, `otlpSink()`, `logtapeSink()`, or your own. @default [standardOutput()] */
  readonly sinks?: readonly Sink[]
  /** Takes each line, without its line feed, instead of `sinks`. */
  readonly write?: (line: string) => void
  /** Where the time of a line comes from. @default the system's clock */
  readonly clock?: Clock
}

/** What the logging plugin does. */
export interface LoggingOptions extends LoggerOptions {
  /** A logger made by `createLogger()`; the options of a logger beside it are ignored. */
  readonly logger?: LineLogger
  /** Whether each request leaves one line. @default true */
  readonly access?: boolean
  /** Which of the access lines are written; the first rule that fits counts. @default all */
  readonly sample?: readonly SampleRule[]
  /** Requests whose answer took longer leave a warning, whatever `sample` says. @default '1s' */
  readonly slowRequest?: Duration | false
  /** Statements that took longer leave a warning with their text, without values. @default '500ms' */
  readonly slowQuery?: Duration | false
  /** Who sees the parts of a request's time as `Server-Timing`: everybody with `debug`, or who signs `X-Server-Timing` with the key. Times tell what a server does. @default nobody */
  readonly timing?: { readonly debug?: boolean; readonly key?: string }
  /** Write a line when the process goes down by an error that nobody caught. @default true */
  readonly crashes?: boolean
}

export interface ResolvedLoggerOptions {
  readonly levels: Levels
  readonly pretty: boolean
  readonly colors: boolean
  readonly redact: readonly string[]
  readonly show: readonly Personal[]
  readonly sinks: readonly Sink[]
  readonly clock: Clock
}

export interface ResolvedLoggingOptions {
  readonly access: boolean
  readonly sample: Sampling | undefined
  /** Milliseconds. */
  readonly slowRequest: number
  readonly slowQuery: number
  readonly timing: { readonly debug: boolean; readonly key: string | undefined } | undefined
  readonly crashes: boolean
}

const formats = ['json', 'pretty', 'auto']

/** @throws {TypeError} for a level or format that does not exist, with the closest one */
export function resolveLoggerOptions(options: LoggerOptions): ResolvedLoggerOptions {
  const { level = 'info', format = 'auto', redact = [], show = [], write, clock = systemClock } = options
  const levels = new Levels(level, options.levels ?? {})
  if (!formats.includes(format))
    throw new TypeError(
      `logging: format must be one of ${formats.join(', ')}, not "${format}"${didYouMean(format, formats)}`,
    )
  const terminal = write === undefined && process.stdout?.isTTY === true
  const pretty = format === 'pretty' || (format === 'auto' && terminal && process.env['NODE_ENV'] !== 'production')
  const sinks = write === undefined ? (options.sinks ?? [standardOutput()]) : [{ line: write }]
  return { levels, pretty, colors: terminal && !process.env['NO_COLOR'], redact, show, sinks, clock }
}

/** @throws {TypeError} for a duration or rate that is none, and for a key that can be guessed */
export function resolveLoggingOptions(options: LoggingOptions): ResolvedLoggingOptions {
  const { access = true, sample, slowRequest = '1s', slowQuery = '500ms', timing, crashes = true } = options
  if (timing?.key !== undefined && timing.key.length < 16)
    throw new TypeError('logging: timing.key has fewer than 16 characters: it could be guessed')
  return {
    access,
    sample: sample && samplingOf(sample),
    slowRequest: slowRequest === false ? Number.POSITIVE_INFINITY : milliseconds(slowRequest),
    slowQuery: slowQuery === false ? Number.POSITIVE_INFINITY : milliseconds(slowQuery),
    timing: timing && { debug: timing.debug ?? false, key: timing.key },
    crashes,
  }
}
