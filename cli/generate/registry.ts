/** Lines to stand in one marked part of a list: between `// kwik:<part>` and `// kwik:end`. */
export interface Entry {
  readonly part: string
  readonly line: string
}

export interface Edited {
  readonly text: string
  /** Entries whose markers are gone: to be put in by hand. */
  readonly byHand: readonly Entry[]
}

/**
 * Puts lines into the marked parts of a list, each once. Every other byte stays: line ends, indentation, comments, a BOM.
 *
 * @param text the file as it is
 * @param entries what shall stand in it
 */
export function register(text: string, entries: readonly Entry[]): Edited {
  const byHand: Entry[] = []
  let edited = text
  for (const entry of entries) {
    const next = withEntry(edited, entry)
    if (next === undefined) byHand.push(entry)
    else edited = next
  }
  return { text: edited, byHand }
}

function withEntry(text: string, { part, line }: Entry): string | undefined {
  const start = new RegExp(`^[ \\t]*// kwik:${part}[ \\t]*\\r?$`, 'm').exec(text)
  if (!start) return isThere(text, line) ? text : undefined
  const from = start.index + start[0].length
  const end = /^([ \t]*)\/\/ kwik:end[ \t]*\r?$/m.exec(text.slice(from))
  if (!end) return isThere(text, line) ? text : undefined
  const at = from + end.index
  const within = text.slice(from, at)
  if (isThere(within, line)) return text
  const newline = start[0].endsWith('\r') ? '\r\n' : '\n'
  // As the line above, if there is one: a formatter may have put the marks elsewhere.
  const indent = /([ \t]*)\S[^\n]*\n?$/.exec(within)?.[1] ?? end[1] ?? ''
  return `${text.slice(0, at)}${indent}${line}${newline}${text.slice(at)}`
}

const bare = (line: string): string => line.trim().replace(/[;,]$/, '').replaceAll('"', "'")

/** Whether the line stands there, however a formatter ends or quotes it. */
function isThere(text: string, line: string): boolean {
  const wanted = bare(line)
  return text.split('\n').some((one) => bare(one) === wanted)
}
