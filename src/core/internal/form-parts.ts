import type { ProblemIssue } from '../problem.ts'

/** Items of a list that names of a form may number: `photos[0]`. Elysia makes a list as long as the number says. */
const mostNumbered = 1000

/**
 * What of a form no schema can be asked about. Its names number lists, and its texts may be JSON: a list of millions with
 * one item in it would keep this process busy for seconds, and `__proto__` would become what the fields of a record
 * are inherited from.
 */
export function formFaults(form: object): readonly ProblemIssue[] {
  const issues: ProblemIssue[] = []
  // Without recursion: JSON in a text may be nested deeper than the stack.
  const left: (readonly [value: object, pointer: string])[] = [[form, '']]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, pointer] = next
    const keys = Object.keys(value)
    if (Array.isArray(value) && value.length > mostNumbered && keys.length < value.length) {
      issues.push({ code: 'too-many', detail: `may be numbered up to ${mostNumbered - 1}`, pointer })
      continue
    }
    for (const key of keys) {
      const inner: unknown = (value as Readonly<Record<string, unknown>>)[key]
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (key === '__proto__')
        issues.push({ code: 'unknown-field', detail: '__proto__ is not a field here', pointer: at })
      else if (isPlain(inner)) left.push([inner, at])
    }
  }
  return issues
}

/** Files have nothing of ours in them. */
const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
