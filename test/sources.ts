import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One module specifier that a file names, and whether anything of it is left at run time. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly typeOnly: boolean
  /** The names that are left at run time; `*` for a whole module. */
  readonly names: readonly string[]
}

export interface Source {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Lines with `export * from`. */
  readonly exportAll: readonly number[]
}

/** The repository, seen from here. */
export const root: string = posix.resolve(import.meta.dir, '..')

/** Every file of the project that is not ignored, as paths from the root. */
export function projectFiles(): readonly string[] {
  const listed = Bun.spawnSync(['git', 'ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
  return [...new Set(listed.stdout.toString().split('\n'))].filter((path) => path !== '').sort()
}

export async function readSources(paths: readonly string[]): Promise<Source[]> {
  const found = await Promise.all(paths.map(async (path) => ((await Bun.file(`${root}/${path}`).exists()) ? path : [])))
  return Promise.all(found.flat().map(async (path) => sourceOf(path, await Bun.file(`${root}/${path}`).text())))
}

export function sourceOf(path: string, text: string): Source {
  const { module } = parseSync(path, text)
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  const exports = module.staticExports.flatMap(({ entries }) => entries).filter((entry) => entry.moduleRequest !== null)
  return {
    path,
    text,
    lines: text.trimEnd().split('\n').length,
    imports: [
      ...module.staticImports.map(({ moduleRequest, entries, start }) => ({
        specifier: moduleRequest.value,
        line: lineOf(start),
        typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
        names: entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name ?? '*'),
      })),
      ...exports.map(({ moduleRequest, isType, importName, start }) => ({
        specifier: moduleRequest!.value,
        line: lineOf(start),
        typeOnly: isType,
        names: isType ? [] : [importName.name ?? '*'],
      })),
      ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
        const specifier = /^['"`]([^'"`$]+)['"`]$/.exec(text.slice(start, end))?.[1]
        return specifier === undefined ? [] : [{ specifier, line: lineOf(start), typeOnly: false, names: ['*'] }]
      }),
    ],
    exportAll: exports.filter((entry) => entry.importName.kind.startsWith('All')).map((entry) => lineOf(entry.start)),
  }
}

/** The file of ours that a specifier means, as a path from the root; `undefined` for other packages. */
export function targetOf(from: string, specifier: string, own: Readonly<Record<string, string>>): string | undefined {
  if (specifier === '#test') return 'test/harness.ts'
  if (specifier.startsWith('#core/')) return `src/core/${specifier.slice(6)}.ts`
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier))
  if (specifier === 'kwik' || specifier.startsWith('kwik/')) return own[`.${specifier.slice(4)}`] ?? specifier
  return undefined
}
