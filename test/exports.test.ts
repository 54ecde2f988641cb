import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '#test'
import packageJson from '../package.json'
import { exportsOf, pageOf, subpaths } from '../tools/exports-table.ts'
import { projectFiles, root } from './sources.ts'

const exports: Record<string, string> = packageJson.exports
const present: Record<string, string> = Object.fromEntries(
  Object.entries(exports).filter(([, file]) => existsSync(`${root}/${file}`)),
)

describe('the exports of package.json', () => {
  test('name files that exist', () => {
    expect(Object.keys(exports).filter((path) => !(path in present))).toEqual([])
  })

  test('have one subpath for each plugin, and a plugin for each subpath', () => {
    const plugins = projectFiles().flatMap((path) => /^plugins\/([^/]+)\/index\.ts$/.exec(path)?.[1] ?? [])
    expect(plugins.filter((name) => exports[`./${name}`] !== `./plugins/${name}/index.ts`)).toEqual([])
    const named = Object.values(exports).flatMap((file) => /^\.\/plugins\/([^/]+)\/index\.ts$/.exec(file)?.[1] ?? [])
    expect(named.filter((name) => !plugins.includes(name))).toEqual([])
  })

  test('lead to explicit names, never to everything or a default', () => {
    const wrong = subpaths(present).filter(({ values, types }) =>
      [...values, ...types].some((name) => name === '*' || name === 'default'),
    )
    expect(wrong.map(({ name }) => name)).toEqual([])
    expect(subpaths(present).filter(({ values, types }) => values.length + types.length === 0)).toEqual([])
  })

  test('can be told apart from `export *`', () => {
    expect(exportsOf("export * from './a.ts'").values).toEqual(['*'])
    expect(exportsOf("export { a, type B } from './a.ts'")).toEqual({ values: ['a'], types: ['B'] })
  })

  test.each(subpaths(present).map(({ name, values }) => [name, values] as const))(
    '%s gives at run time what it names',
    async (name, values) => {
      expect(Object.keys(await import(name)).sort()).toEqual([...values])
    },
  )

  test('are listed in docs/reference/README.md as `bun tools/exports-table.ts` writes it', () => {
    expect(readFileSync(`${root}/docs/reference/README.md`, 'utf8')).toBe(pageOf(subpaths(present)))
  })
})
