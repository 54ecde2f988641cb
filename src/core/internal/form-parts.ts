import { refuse } from '../errors.ts'
import type { ProblemIssue } from '../problem.ts'
import { escaped } from './pointer.ts'

/** Items of a list that names of a form may number: `photos[0]`. Elysia makes a list as long as the number says. */
const mostNumbered = 1000
/** Deepest place that a name may say: `owner.address.city`. */
const deepest = 64

/**
 * Looks at the names of a form before Elysia builds what they say: a list of millions with one item in it would keep this
 * process busy for seconds.
 */
export function boundForm(request: Request): void {
  const read = request.formData.bind(request)
  const bounded = async (): Promise<FormData> => {
    const form = await read()
    const errors = [...new Set(form.keys())].flatMap(faultsOf)
    if (errors.length > 0) throw refuse('KWIK_INVALID', { detail: 'The names of the form cannot be meant.', errors })
    return form
  }
  Object.defineProperty(request, 'formData', { value: bounded })
}

function faultsOf(name: string): readonly ProblemIssue[] {
  const parts = name.split('.')
  if (parts.length > deepest)
    return [{ code: 'too-deep', detail: `a name may lead ${deepest} levels deep`, pointer: `/${escaped(parts[0]!)}` }]
  for (const [at, part] of parts.entries()) {
    const [, list, number] = /^(.+)\[(\d+)\]$/.exec(part) ?? []
    if (list === undefined || Number(number) < mostNumbered) continue
    const place = [...parts.slice(0, at).map((one) => one.replace(/\[(\d+)\]$/, '.$1')), list].join('.').split('.')
    const pointer = place.map((one) => `/${escaped(one)}`).join('')
    return [{ code: 'too-many', detail: `may be numbered up to ${mostNumbered - 1}`, pointer }]
  }
  return []
}

/** What the JSON in a field of a form may not have: `__proto__` would become what the fields of a record are inherited from. */
export function formFaults(form: object): readonly ProblemIssue[] {
  const issues: ProblemIssue[] = []
  // Without recursion: JSON in a text may be nested deeper than the stack.
  const left: (readonly [value: object, pointer: string])[] = [[form, '']]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, pointer] = next
    for (const key of Object.keys(value)) {
      const inner: unknown = (value as Readonly<Record<string, unknown>>)[key]
      const at = `${pointer}/${escaped(key)}`
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
