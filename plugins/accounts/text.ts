import { invalid } from './errors.ts'

/** Joiners and the like: part of some people's names, and of no word that a program looks something up by. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}]/u
const control = /\p{Cc}/u
const controlInLines = /(?![\n\t])\p{Cc}/u

/** What a role, or an API key, is called: NFC, no space around it, nothing that cannot be seen. @throws {ProblemError} `KWIK_INVALID` */
export function roleNameOf(text: string): string {
  const name = text.normalize('NFC').trim()
  if (name === '') throw invalid([{ code: 'too-short', detail: 'must have one character at least', pointer: '/name' }])
  return without(unseen, name, '/name')
}

/** A tenant, as requests can name it: with anything else nobody could ever be in it. @throws {ProblemError} `KWIK_INVALID` */
export const tenantNameOf = (text: string): string => without(unseen, text, '/tenant')

/** A person's name. @throws {ProblemError} `KWIK_INVALID` */
export const personNameOf = (text: string | null): string | null => text && without(control, text, '/name')

/** Some lines about something. @throws {ProblemError} `KWIK_INVALID` */
export const descriptionOf = (text: string | null): string | null =>
  text && without(controlInLines, text, '/description')

/** Why somebody acts for another. @throws {ProblemError} `KWIK_INVALID` */
export function reasonOf(text: string): string {
  const reason = text.normalize('NFC').trim()
  if (reason === '') throw invalid([{ code: 'too-short', detail: 'must say why', pointer: '/reason' }])
  return without(controlInLines, reason, '/reason')
}

/** PostgreSQL cannot keep a NUL, and a terminal obeys other control characters. */
function without(characters: RegExp, text: string, pointer: string): string {
  if (!characters.test(text)) return text
  throw invalid([{ code: 'wrong-format', detail: 'must have no characters that cannot be seen', pointer }])
}

/** Which texts are new, and which are gone; `undefined` for none. */
export function difference(
  before: readonly string[],
  after: readonly string[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } | undefined {
  const added = after.filter((text) => !before.includes(text))
  const removed = before.filter((text) => !after.includes(text))
  return added.length + removed.length === 0 ? undefined : { added, removed }
}
