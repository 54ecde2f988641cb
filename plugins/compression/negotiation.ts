import type { Encoding } from './options.ts'

/**
 * The encoding that a client takes, of those that are offered; `undefined` for none. Of equally liked ones the first that
 * is offered; a client that likes the plain body better gets it.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-accept-encoding
 */
export function negotiated(header: string | null, offered: readonly Encoding[]): Encoding | undefined {
  if (header === null || header.length > 1000) return undefined
  const said = new Map<string, number>()
  for (const part of header.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase())
    const q = parameters.find((one) => one.startsWith('q='))
    // What cannot be read as a weight is none.
    const weight = q === undefined ? 1 : /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0
    const name = coding === 'x-gzip' ? 'gzip' : coding
    if (name !== '') said.set(name, weight)
  }
  const likes = (coding: string): number => said.get(coding) ?? said.get('*') ?? 0
  const plain = said.get('identity') ?? 0
  let best: Encoding | undefined
  let most = 0
  for (const coding of offered) {
    const q = likes(coding)
    if (q > most && q >= plain) [best, most] = [coding, q]
  }
  return best
}
