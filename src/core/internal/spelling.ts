const most = 2

/** The known word within two edits of a word that is not known. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = most + 1
  for (const one of known) {
    if (Math.abs(one.length - word.length) >= least) continue
    const distance = editsBetween(word.toLowerCase(), one.toLowerCase(), most)
    // Two edits make any short word of any other.
    if (distance < least && distance * 2 <= Math.max(word.length, one.length)) {
      best = one
      least = distance
    }
  }
  return best
}

/**
 * Levenshtein's distance, with a swap of neighbours as one edit; anything above `most` when it is larger. Words of a
 * client's choice are compared with all known ones, so only what can still be near is looked at (Ukkonen, 1985).
 */
function editsBetween(a: string, b: string, most: number): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: 2 * most + 1 }, (_, k) => (k < most ? far : k - most))
  for (let i = 1; i <= a.length; i++) {
    const next: number[] = []
    for (let k = 0; k <= 2 * most; k++) {
      const j = i + k - most
      if (j <= 0 || j > b.length) {
        next.push(j === 0 ? i : far)
        continue
      }
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min((row[k + 1] ?? far) + 1, (next[k - 1] ?? far) + 1, row[k]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, before[k]! + 1)
      next.push(edits)
    }
    if (Math.min(...next) > most) return far
    before = row
    row = next
  }
  return row[b.length - a.length + most] ?? far
}

const far = Number.POSITIVE_INFINITY

/** `, did you mean "x"?`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const close = nearest(word, known)
  return close === undefined ? '' : `, did you mean "${close}"?`
}
