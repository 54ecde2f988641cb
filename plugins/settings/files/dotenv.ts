import { withoutMark } from './located.ts'

/** One variable of a `.env` file. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** Where it stands: counted from 1. */
  readonly line: number
}

export interface Dotenv {
  readonly variables: readonly Variable[]
  /** What is wrong with the file, each with its line. */
  readonly faults: readonly { readonly line: number; readonly text: string }[]
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }

/**
 * Reads the text of a `.env` file: `NAME=value`, `export NAME=value`, comments, values in single quotes or backticks (as they
 * stand) and in double quotes (with `\n`, `\t`, `\"`, `\\`), which may go over several lines. Nothing is interpolated.
 */
export function parseDotenv(text: string): Dotenv {
  const lines = withoutMark(text).split(/\r\n|\n|\r/)
  const variables: Variable[] = []
  const faults: { line: number; text: string }[] = []
  const seen = new Map<string, number>()
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    const row = lines[at]!.trimStart()
    if (row === '' || row.startsWith('#')) continue
    const [, name, rest] = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(row) ?? []
    if (name === undefined || rest === undefined) {
      faults.push({ line, text: 'expected NAME=value' })
      continue
    }
    const read = /^["'`]/.test(rest) ? quoted(rest, lines, at) : { value: bare(rest), last: at }
    if ('fault' in read) faults.push({ line, text: `${name}: ${read.fault}` })
    else {
      const first = seen.get(name)
      if (first !== undefined) faults.push({ line, text: `${name} was set on line ${first} already` })
      else variables.push({ name, value: read.value, line })
      seen.set(name, first ?? line)
    }
    at = read.last
  }
  return { variables, faults }
}

type Read = { readonly value: string; readonly last: number } | { readonly fault: string; readonly last: number }

/** A comment begins after a space: `#` inside a value is a part of it. */
const bare = (rest: string): string => rest.replace(/(^|\s)#.*$/, '').trim()

/** A value in quotes, to its closing quote on this or a later line. */
function quoted(rest: string, lines: readonly string[], from: number): Read {
  const quote = rest[0]!
  let value = ''
  let text = rest.slice(1)
  for (let at = from; at < lines.length; text = lines[++at] ?? '') {
    const end = closing(text, quote)
    if (end === -1) {
      value += `${text}\n`
      continue
    }
    value += text.slice(0, end)
    const after = text.slice(end + 1).trim()
    if (after !== '' && !after.startsWith('#')) return { fault: `unexpected "${quote}" inside the value`, last: at }
    return { value: quote === '"' ? unescaped(value) : value, last: at }
  }
  return { fault: `the closing ${quote} is missing`, last: from }
}

function closing(text: string, quote: string): number {
  for (let i = 0; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++
    else if (text[i] === quote) return i
  }
  return -1
}

const unescaped = (value: string): string => value.replaceAll(/\\([nrt"\\$])/g, (_, letter: string) => escapes[letter]!)
