import process from 'node:process'
import { systemClock } from '#core/adapters/clock'
import { didYouMean } from '#core/internal/spelling'
import type { Clock } from '#core/ports/clock'
import type { LogLevel } from '#core/ports/logger'
import type { LineLogger } from './logger.ts'

/** How a logger writes its lines. */
export interface LoggerOptions {
  /** Lines below it are not written. @default 'info' */
  readonly level?: LogLevel
  /** `auto` is pretty on a terminal outside of production, JSON elsewhere. @default 'auto' */
  readonly format?: 'json' | 'pretty' | 'auto'
  /** Names of more fields that are never shown, beside passwords, tokens, cookies and their like. @default [] */
  readonly redact?: readonly string[]
  /** Takes each line, without its line feed, instead of standard output. */
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
}

export interface ResolvedLoggerOptions {
  readonly level: LogLevel
  readonly pretty: boolean
  readonly colors: boolean
  readonly redact: readonly string[]
  readonly write: ((line: string) => void) | undefined
  readonly clock: Clock
}

const formats = ['json', 'pretty', 'auto']

/** Levels from the least to the most grave. */
export const levels: readonly LogLevel[] = ['debug', 'info', 'warning', 'error', 'fatal']

/** @throws {TypeError} for a level or format that does not exist, with the closest one */
export function resolveLoggerOptions(options: LoggerOptions): ResolvedLoggerOptions {
  const { level = 'info', format = 'auto', redact = [], write, clock = systemClock } = options
  expectOneOf('level', level, levels)
  expectOneOf('format', format, formats)
  const terminal = write === undefined && process.stdout?.isTTY === true
  const pretty = format === 'pretty' || (format === 'auto' && terminal && process.env['NODE_ENV'] !== 'production')
  return { level, pretty, colors: terminal && !process.env['NO_COLOR'], redact, write, clock }
}

function expectOneOf(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  throw new TypeError(
    `logging: ${option} must be one of ${known.join(', ')}, not "${value}"${didYouMean(value, known)}`,
  )
}
