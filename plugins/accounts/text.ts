import { invalid } from './errors.ts'

/** Joiners and the like: part of some people's names, and of no word that a program looks something up by. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}]/u
const control = /\p{Cc}/u
const controlInLines = /(?![\n\t])\p{Cc}/u

/** What a role is called: NFC, no space around it, nothing that cannot be seen. @throws {ProblemError} `KWIK_INVALID` */
export function roleNameOf(text: string): string {
  const name = text.normalize('NFC').trim()
  if (name === '') throw invalid([{ code: 'too-short', detail: 'must have one character at least', pointer: '/name' }])
  return without(unseen, name, '/name')
}

/** A person's name. @throws {ProblemError} `KWIK_INVALID` */
export const personNameOf = (text: string | null): string | null => text && without(control, text, '/name')

/** Some lines about something. @throws {ProblemError} `KWIK_INVALID` */
export const descriptionOf = (text: string | null): string | null =>
  text && without(controlInLines, text, '/description')

/** PostgreSQL cannot keep a NUL, and a terminal obeys other control characters. */
function without(characters: RegExp, text: string, pointer: string): string {
  if (!characters.test(text)) return text
  throw invalid([{ code: 'wrong-format', detail: 'must have no characters that cannot be seen', pointer }])
}
