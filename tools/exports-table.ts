#!/usr/bin/env bun
/**
 * Writes docs/reference/README.md, the list of what each subpath of the package exports.
 *
 *     bun tools/exports-table.ts
 */
import { existsSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'

const root: string = `${import.meta.dir}/..`

/** What one subpath gives. */
export interface Subpath {
  /** As it is imported: `kwik/database`. */
  readonly name: string
  readonly file: string
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** The subpaths of the exports map that are modules. */
export function subpaths(exports: Readonly<Record<string, string>>): Subpath[] {
  return Object.entries(exports)
    .filter(([, file]) => file.endsWith('.ts'))
    .map(([path, file]) => ({
      name: `kwik${path.slice(1)}`,
      file,
      ...exportsOf(readFileSync(`${root}/${file}`, 'utf8')),
    }))
}

export function exportsOf(text: string): Pick<Subpath, 'values' | 'types'> {
  const entries = parseSync('index.ts', text).module.staticExports.flatMap((one) => one.entries)
  const names = (isType: boolean): string[] =>
    entries
      .filter((entry) => entry.isType === isType)
      .map((entry) => entry.exportName.name ?? (entry.exportName.kind === 'Default' ? 'default' : '*'))
      .sort()
  return { values: names(false), types: names(true) }
}

/** The page for these subpaths. */
export function pageOf(all: readonly Subpath[]): string {
  const list = (label: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `\n${label}: ${names.map((name) => `\`${name}\``).join(', ')}\n`
  const sections = all.map(({ name, values, types }) => {
    const guide = `guides/${name.replace(/^kwik\//, '')}.md`
    const link = existsSync(`${root}/docs/${guide}`) ? `\nGuide: [${guide}](../${guide})\n` : ''
    return `\n## ${name}\n${link}${list('Values', values)}${list('Types', types)}`
  })
  return `# Reference

What the package exports, by subpath. Anything else is internal and may change at any time. The docstring of each name
says what it takes, its defaults and what it throws. Error codes have [a page of their own](errors.md).

This page is written by \`bun tools/exports-table.ts\`.
${sections.join('')}`
}

if (import.meta.main) {
  const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { exports: Record<string, string> }
  await Bun.write(`${root}/docs/reference/README.md`, pageOf(subpaths(exports)))
}
