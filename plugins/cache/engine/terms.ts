/** Tags in one order, each once: what is stored under `a, b` is found under `b, a`. */
export const tagsOf = (given: readonly string[]): readonly string[] =>
  given.length < 2 ? given : [...new Set(given)].sort()

/** Whether a text takes no more bytes in UTF-8. */
export function fits(text: string, bytes: number): boolean {
  if (text.length > bytes) return false
  // A code unit takes three bytes at most.
  return text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes
}
