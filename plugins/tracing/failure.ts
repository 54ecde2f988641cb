import { redactText } from '#core/internal/redaction'

/** What a span may say of an error: never a value that came with it. */
export interface Failed {
  readonly type: string | undefined
  readonly message: string | undefined
  readonly stack: string | undefined
}

export function failed(error: unknown): Failed {
  if (!(error instanceof Error)) return { type: undefined, message: undefined, stack: undefined }
  return {
    type: error.name,
    message: redactText(String(error.message)),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
  }
}
