import { currentScope } from '#core/context'
import { refuse as refuseByCore } from '#core/errors'
import type { ProblemError } from '#core/problem'
import { refuse } from './errors.ts'

/** Versions of which a row must have one before it is written; `'*'` is any. */
export type Expected = readonly number[] | '*' | undefined

/** One entity tag of a list, with the comma after it (RFC 9110, 8.8.3). */
const tag = /\s*(W\/)?"([\x21\x23-\x7e\x80-\uffff]*)"\s*(?:,|$)/gy

/** The entity tag of a row: its version, and that of the API, whose older answers have other bytes (RFC 9110, 8.8.3). */
export const tagOf = (version: unknown): string => `"${version}${suffix()}"`

const suffix = (): string => {
  const version = currentScope()?.version
  return version === undefined ? '' : `-v${version}`
}

/**
 * The versions that a request expects (If-Match; RFC 9110, 13.1.1). Weak tags never match.
 * @throws {ProblemError} KWIK_INVALID for what is no list of tags
 */
export function expectedBy(header: string | null): Expected {
  if (header === null) return undefined
  if (header.trim() === '*') return '*'
  // A tag that is no version matches no row.
  return tagsIn(header, 'if-match').flatMap(([weak, text]) => {
    const [, version] = /^(\d{1,15})(?:-v[\w.-]+)?$/.exec(text) ?? []
    return weak || version === undefined ? [] : [Number(version)]
  })
}

/** Whether the client has a version already (If-None-Match; RFC 9110, 13.1.2): weak tags are as good as strong ones. */
export function isKnown(header: string | null, version: unknown): boolean {
  if (header === null) return false
  return header.trim() === '*' || tagsIn(header, 'if-none-match').some(([, text]) => text === `${version}${suffix()}`)
}

function tagsIn(header: string, name: string): (readonly [weak: boolean, text: string])[] {
  const found: (readonly [boolean, string])[] = []
  tag.lastIndex = 0
  for (let at = 0; at < header.length; at = tag.lastIndex) {
    const one = tag.exec(header)
    if (one === null) throw malformed(name)
    found.push([one[1] !== undefined, one[2]!])
  }
  return found
}

const malformed = (parameter: string): ProblemError =>
  refuseByCore('KWIK_INVALID', {
    detail: 'A header does not fit its form.',
    errors: [{ code: 'wrong-format', detail: 'must be * or tags in quotes, such as "3"', parameter }],
  })

export const versionMissing = (detail = 'send If-Match'): ProblemError =>
  refuse('KWIK_RESOURCE_VERSION_MISSING', {
    detail,
    errors: [{ code: 'required', detail: 'the ETag of the row, such as "3"', parameter: 'if-match' }],
  })

/** `product 7 changed since version 3 (now 4)`. */
export function changedSince(row: string, versions: readonly number[], now: unknown): ProblemError {
  const detail =
    now === undefined
      ? `${row} has no version: leave If-Match out`
      : versions.length === 0
        ? `${row} is at version ${now}: If-Match names none, or weak tags only, which never match`
        : `${row} changed since version ${versions.join(' or ')} (now ${now})`
  return refuse('KWIK_RESOURCE_PRECONDITION', { detail }, now === undefined ? {} : { etag: tagOf(now) })
}
