/** One thing that two documents say differently. */
export interface Difference {
  /** Where: the keys that lead there. */
  readonly path: readonly string[]
  readonly before: unknown
  readonly after: unknown
}

/** What is different between two JSON values, place by place. Of what is new or gone the whole is one difference. */
export function differences(before: unknown, after: unknown, path: readonly string[] = []): Difference[] {
  if (Object.is(before, after)) return []
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const [a, b] = [before, after] as Record<string, unknown>[]
    const keys = [...new Set([...Object.keys(a!), ...Object.keys(b!)])]
    return keys.flatMap((key) => differences(a![key], b![key], [...path, key]))
  }
  return [{ path, before, after }]
}

const isTree = (value: unknown): boolean => typeof value === 'object' && value !== null

/** In lines that begin with what was, `-`, and what is, `+`. */
export const inLines = (all: readonly Difference[]): string[] =>
  all.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`- ${place(path)}: ${short(before)}`]),
    ...(after === undefined ? [] : [`+ ${place(path)}: ${short(after)}`]),
  ])

const place = (path: readonly string[]): string => path.join(' > ')

function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 160 ? `${text.slice(0, 157)}...` : text
}
