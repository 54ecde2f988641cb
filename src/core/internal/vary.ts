/** Where callers say who they are. */
export const credentialHeaders = ['Authorization', 'Cookie', 'X-API-Key'] as const

/** Adds names to a Vary field, each once. A star says already that all counts (RFC 9110, section 12.5.5). */
export function mergedVary(...fields: (string | null | undefined)[]): string {
  const names = new Map<string, string>()
  for (const field of fields)
    for (const part of (field ?? '').split(',')) {
      const name = part.trim()
      if (name === '*') return '*'
      if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
    }
  return [...names.values()].join(', ')
}
