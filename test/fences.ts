/** One block of code of a page. */
export interface Fence {
  readonly page: string
  /** Line of the first row of code, from 1. */
  readonly line: number
  /** The name of a fence that others of its page import: ```ts products.ts */
  readonly file: string | undefined
  readonly code: string
}

/** The `ts` fences of a page that are whole programs; those tagged `ignore` are parts of one. */
export function fencesOf(page: string, text: string): Fence[] {
  const fences: Fence[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, indent, ticks, tags] = /^( *)(`{3,})(\w.*)?$/.exec(lines[at]!) ?? []
    if (ticks === undefined) continue
    let end = at + 1
    while (end < lines.length && lines[end]!.trim() !== ticks) end++
    const [language, ...rest] = (tags ?? '').trim().split(/\s+/)
    if (language === 'ts' && !rest.includes('ignore')) {
      const rows = lines.slice(at + 1, end).map((line) => line.slice(indent!.length))
      fences.push({ page, line: at + 2, file: rest.find((tag) => tag.endsWith('.ts')), code: rows.join('\n') })
    }
    at = end
  }
  return fences
}
