import type { LogLevel } from '#core/ports/logger'

/** What a line says, in parts, without secrets. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly level: LogLevel
  /** Category: `app.orders`. */
  readonly logger: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Where lines go. It is handed each line as a text, or in parts, and must not make its caller wait. */
export interface Sink {
  /** Takes a finished line, without its line feed. */
  line?(text: string): void
  /** Takes a line in parts. */
  entry?(entry: Entry): void
  /** Lines that could not be taken so far. */
  readonly dropped?: number
  /** Settles when all that was taken so far has left. */
  flush?(): Promise<void>
  close?(): Promise<void>
}
