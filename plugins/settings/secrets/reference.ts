/** What a `secret://` reference names: a secret of a store, and maybe one field of it. */
export interface SecretReference {
  /** As it was written. */
  readonly uri: string
  /** Which provider: `vault`. */
  readonly provider: string
  /** What the store calls the secret, such as `app/database`. */
  readonly name: string
  /** Words for the provider, such as `version` and `region`. */
  readonly params: Readonly<Record<string, string>>
  /** The field of a secret that is a JSON object. */
  readonly field: string | undefined
}

/** Says itself that it is one: nothing is guessed from how a value looks. */
export const isReference = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('secret://')

/**
 * Reads `secret://provider/name?region=…&version=…#field`.
 * @returns why it cannot be read, as a text, where it cannot
 */
export function parseReference(uri: string): SecretReference | string {
  const [, provider, name, query, field] = /^secret:\/\/([^/?#]*)\/([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(uri) ?? []
  const form = 'a reference is secret://provider/name, with ?version=… and #field where they are needed'
  if (provider === undefined || name === undefined || provider === '' || name === '') return form
  try {
    const params = [...new URLSearchParams(query ?? '')]
    const twice = params.find(([key], at) => params.findIndex(([other]) => other === key) !== at)
    if (twice) return `${twice[0]} is said twice`
    return {
      uri,
      provider,
      name: decodeURIComponent(name),
      params: Object.fromEntries(params),
      field: field === undefined || field === '' ? undefined : decodeURIComponent(field),
    }
  } catch {
    return form
  }
}
