#!/usr/bin/env bun
/**
 * Writes docs/reference/options.md from the sentences that stand at each option in the sources.
 *
 *     bun tools/options-table.ts
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Glob } from 'bun'
import { parseSync } from 'oxc-parser'
import { type Subpath, subpaths } from './exports-table.ts'
import { tableOf } from './markdown-table.ts'

const head: readonly string[] = ['option', 'type', 'default', 'says']
const root: string = `${import.meta.dir}/..`

/** One option, as its source says it. */
export interface Option {
  readonly name: string
  readonly type: string
  readonly needed: boolean
  readonly says: string
  readonly byDefault: string
}

/** An interface, and the names of those that it extends. */
export interface Interface {
  readonly options: readonly Option[]
  readonly parents: readonly string[]
}

/** The interfaces of a source. */
export function interfacesOf(text: string): Map<string, Interface> {
  const { program, comments } = parseSync('options.ts', text)
  const said = (at: number): string =>
    comments.findLast(({ end }) => end <= at && text.slice(end, at).trim() === '')?.value ?? ''
  const found = new Map<string, Interface>()
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type !== 'TSInterfaceDeclaration') continue
    const options = declared.body.body.flatMap((member): Option[] => {
      if (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature') return []
      const [says = '', byDefault = ''] = lineOf(said(member.start)).split(/\s*@default\s+/)
      return [
        {
          name: text.slice(member.key.start, member.key.end),
          type: lineOf(text.slice(member.key.end, member.end).replace(/^\??:?\s*/, '')),
          needed: member.optional !== true,
          says: withoutTags(says),
          byDefault: withoutTags(byDefault),
        },
      ]
    })
    const parents = declared.extends.map(({ expression }) => text.slice(expression.start, expression.end))
    found.set(declared.id.name, { options, parents })
  }
  return found
}

const withoutTags = (text: string): string => text.replace(/(^|\s+)@(example|throws|see|param)\b.*$/, '')

/** A comment or a type, on one line. */
const lineOf = (text: string): string =>
  text
    .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
    .replace(/^\*\s*/, '')
    .trim()

/** The page for these subpaths. */
export function pageOf(all: readonly Subpath[]): string {
  const sections = all.flatMap(({ name, file, types }) => {
    const wanted = types.filter((type) => /(Options|Setup|Policy|Policies)$/.test(type))
    const folder = `${root}/${dirname(file)}`
    const known = new Map(
      [...new Glob('**/*.ts').scanSync(folder)].flatMap((path) => [
        ...interfacesOf(readFileSync(`${folder}/${path}`, 'utf8')),
      ]),
    )
    const tables = wanted
      .filter((title) => known.has(title))
      .map((title) => `\n### ${title}\n\n${tableOf(head, rowsOf(withParents(title, known)))}\n`)
    return tables.length === 0 ? [] : [`\n## ${name}\n${tables.join('')}`]
  })
  return `# Options

Every option that Kwik's functions take, by the subpath of its type. Durations are \`'5m'\`, or a number of seconds.
What a single route may say is on [the page of route options](route-options.md).

This page is written by \`bun tools/options-table.ts\`.
${sections.join('')}`
}

/** The options of an interface and of those that it extends. */
function withParents(name: string, known: ReadonlyMap<string, Interface>): readonly Option[] {
  const { options = [], parents = [] } = known.get(name) ?? {}
  return [...options, ...parents.flatMap((parent) => withParents(parent, known))]
}

function rowsOf(options: readonly Option[]): string[][] {
  const code = (text: string): string => (text === '' ? '' : `\`${text}\``)
  // Some defaults are values, others are said in words.
  const defaultOf = (text: string): string => (/^['"[{]|^\S+$/.test(text) ? code(text) : text)
  return options.map(({ name, type, needed, says, byDefault }) => [
    code(name),
    code(type),
    needed ? 'needed' : defaultOf(byDefault),
    says,
  ])
}

if (import.meta.main) {
  const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { exports: Record<string, string> }
  await Bun.write(`${root}/docs/reference/options.md`, pageOf(subpaths(exports)))
}
