/** The known word within two edits of a word that is not known. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = 3
  for (const one of known) {
    if (Math.abs(one.length - word.length) >= least) continue
    const distance = editsBetween(word.toLowerCase(), one.toLowerCase())
    // Two edits make any short word of any other.
    if (distance < least && distance * 2 <= Math.max(word.length, one.length)) {
      best = one
      least = distance
    }
  }
  return best
}

/** Levenshtein's distance, with a swap of neighbours as one edit. */
function editsBetween(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, before[j - 2]! + 1)
      next[j] = edits
    }
    before = row
    row = next
  }
  return row[b.length]!
}

/** `, did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const close = nearest(word, known)
  return close === undefined ? '' : `, did you mean "${close}"?`
}
