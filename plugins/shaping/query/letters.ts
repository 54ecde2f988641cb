/** Upper and lower case of letters, one by one: `ß` is no `SS`, for it would move what stands behind it. */

const last = 0x1ffff
let groups: ReadonlyMap<string, readonly string[]> | undefined

/** A letter in lower case, or itself where that would be several. */
function lower(letter: string): string {
  const lower = letter.toLowerCase()
  return lower.length === 1 || [...lower].length === 1 ? lower : letter
}

/** All letters that are the same as this one in lower case. Few languages have more than two: `ǅ`, `ẞ`. */
export function casesOf(letter: string): readonly string[] {
  groups ??= grouped()
  return groups.get(lower(letter)) ?? [letter]
}

function grouped(): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (let code = 0; code <= last; code++) {
    const letter = String.fromCodePoint(code)
    const small = lower(letter)
    if (small === letter) continue
    const group = groups.get(small)
    if (group) group.push(letter)
    else groups.set(small, [small, letter])
  }
  return groups
}

/** A text in lower case, letter by letter. */
export function folded(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  let folded = ''
  for (const letter of text) folded += lower(letter)
  return folded
}
