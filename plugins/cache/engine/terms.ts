/** Tags in one order, each once: what is stored under `a, b` is found under `b, a`. */
export const tagsOf = (given: readonly string[]): readonly string[] =>
  given.length < 2 ? given : [...new Set(given)].sort()

/** Whether a text takes no more bytes in UTF-8. */
export function fits(text: string, bytes: number): boolean {
  if (text.length > bytes) return false
  // A code unit takes three bytes at most.
  return text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes
}

/** Whether two lists are the same set of tags: else something else ends what is stored under them. */
export function areSame(one: readonly string[], other: readonly string[]): boolean {
  if (one === other) return true
  for (const tag of one) if (!other.includes(tag)) return false
  for (const tag of other) if (!one.includes(tag)) return false
  return true
}
