import type { Logger } from '../ports/logger.ts'

const write =
  (level: string, to: (line: string) => void) =>
  (message: string, properties?: Readonly<Record<string, unknown>>): void => {
    const error = properties?.['error']
    to(JSON.stringify({ level, message, ...properties, ...(error instanceof Error && { error: error.stack }) }))
  }

/** What core logs to when no logger was given: warnings and errors only, on standard error. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warning: write('warning', console.error),
  error: write('error', console.error),
}
