export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'fatal'

/** Where log lines go. The logging plugin gives LogTape's; alone, core writes warnings and errors to the console. */
export interface Logger {
  debug(message: string, properties?: Readonly<Record<string, unknown>>): void
  info(message: string, properties?: Readonly<Record<string, unknown>>): void
  warning(message: string, properties?: Readonly<Record<string, unknown>>): void
  error(message: string, properties?: Readonly<Record<string, unknown>>): void
}
