import type { Definition } from '../definition.ts'
import { type Described, described } from './words.ts'

type Known = Pick<Definition, 'leaves' | 'names'>

/** A `.env.example`: every variable with what it is for. Those that must be set stand bare, the others as comments. */
export function envExampleOf({ leaves }: Known): string {
  const parts = [...leaves.values()]
    .filter(({ deprecated }) => deprecated === undefined)
    .map((leaf) => part(described(leaf)))
  return `${parts.join('\n\n')}\n`
}

function part({ key, says, type, byDefault, required, requiredIn, variables, example, secret }: Described): string {
  const must = required ? 'required' : requiredIn.length > 0 ? `required in ${requiredIn.join(', ')}` : ''
  const facts = [type, byDefault === undefined ? '' : `${byDefault} by default`, must].filter((word) => word !== '')
  const line = `${variables.at(-1) ?? variables[0]}=${secret ? '' : quoted(example)}`
  return [`# ${key}: ${facts.join('; ')}${says === '' ? '' : `. ${says}`}`, `${required ? '' : '# '}${line}`].join('\n')
}

const quoted = (text: string): string => (/^[\w./:@%+,-]*$/.test(text) ? text : `'${text}'`)

/** How far a `.env.example` is from the settings: variables it lacks, and those that no setting reads. */
export function driftOf(
  { leaves, names }: Known,
  text: string,
): { readonly lacks: string[]; readonly strangers: string[] } {
  const named = [...text.matchAll(/^#?[ \t]*(?:export +)?([A-Za-z_]\w*)=/gm)].map(([, name]) => name!)
  const meant = new Set(named.map((name) => names.meantBy(name) ?? names.fileFor(name)))
  const lacks = [...leaves.values()]
    .filter(({ variables, deprecated }) => deprecated === undefined && !variables.some((name) => meant.has(name)))
    .map(({ variables }) => variables[0]!)
  const strangers = named.filter(
    (name) =>
      names.meantBy(name) === undefined && names.fileFor(name) === undefined && names.trouble(name) !== undefined,
  )
  return { lacks, strangers }
}
