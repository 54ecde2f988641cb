interface Step {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

/**
 * The difference of two texts in the unified form that `git apply` and `patch` read.
 *
 * @param path the file, as it stands in the heading
 * @param before its text now; `undefined` for a file that is not there
 * @param after its text afterwards
 */
export function unifiedDiff(path: string, before: string | undefined, after: string): string {
  const steps = stepsBetween(linesOf(before ?? ''), linesOf(after))
  const changed = steps.flatMap(({ sign }, at) => (sign === ' ' ? [] : [at]))
  if (changed.length === 0) return ''
  const out = [before === undefined ? '--- /dev/null' : `--- a/${path}`, `+++ b/${path}`]
  for (const [from, to] of hunksOf(changed, steps.length)) {
    const hunk = steps.slice(from, to)
    const above = steps.slice(0, from)
    out.push(`@@ -${rangeOf(above, hunk, '+')} +${rangeOf(above, hunk, '-')} @@`)
    for (const { sign, line } of hunk) {
      out.push(line.endsWith('\n') ? sign + line.slice(0, -1) : `${sign}${line}\n\\ No newline at end of file`)
    }
  }
  return `${out.join('\n')}\n`
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

/** Start and length of a hunk on one side; lines of the other side's sign do not count. */
function rangeOf(above: readonly Step[], hunk: readonly Step[], other: '-' | '+'): string {
  const count = (steps: readonly Step[]): number => steps.filter(({ sign }) => sign !== other).length
  const length = count(hunk)
  return `${count(above) + (length === 0 ? 0 : 1)},${length}`
}

/** Changes with three lines around them; those that touch are one hunk. */
function hunksOf(changed: readonly number[], length: number): [number, number][] {
  const hunks: [number, number][] = []
  for (const at of changed) {
    const last = hunks.at(-1)
    const from = Math.max(0, at - 3)
    const to = Math.min(length, at + 4)
    if (last && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  return hunks
}

/** The longest common subsequence, by its table: generated files have a few hundred lines at most. */
function stepsBetween(a: readonly string[], b: readonly string[]): Step[] {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] =
        a[i] === b[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!)
    }
  }
  const steps: Step[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      steps.push({ sign: ' ', line: a[i]! })
      i++
      j++
    } else if (i < a.length && (j === b.length || table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) {
      steps.push({ sign: '-', line: a[i++]! })
    } else steps.push({ sign: '+', line: b[j++]! })
  }
  return steps
}
