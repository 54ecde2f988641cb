import type { SecretTrouble, SecretValue } from './provider.ts'

/** The text that a reference means: the whole secret, or one field of it. */
export function fieldOf(
  value: SecretValue['value'],
  field: string | undefined,
): { readonly text: string } | SecretTrouble {
  if (field === undefined) {
    if (typeof value === 'string') return { text: value }
    const names = Object.keys(value)
    if (names.length === 1 && typeof value[names[0]!] === 'string') return { text: value[names[0]!] as string }
    return { trouble: `the secret has fields: name one of them, as in #${names[0] ?? 'password'}` }
  }
  const fields = typeof value === 'string' ? parsed(value) : value
  if (fields === undefined) return { trouble: `the secret is no JSON object, so it has no field ${field}` }
  const found = Object.hasOwn(fields, field) ? fields[field] : inside(fields, field)
  if (found === undefined || found === null) return { trouble: `the secret has no field ${field}` }
  return { text: typeof found === 'object' ? JSON.stringify(found) : String(found) }
}

/** `#database.password` is the field of a field. */
function inside(fields: Readonly<Record<string, unknown>>, path: string): unknown {
  let at: unknown = fields
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
