import { describe, expect, test } from '#test'
import { register } from '../../cli/generate/registry.ts'

const list = `// My list, edited by hand too
import { Elysia } from 'elysia'
// kwik:imports
// kwik:end

export const resources = new Elysia() // all of them
  // kwik:routes
  // kwik:end
`
const entries = [
  { part: 'imports', line: "import { productRoutes } from './product/routes.ts'" },
  { part: 'routes', line: '.use(productRoutes)' },
]
const added = (before: string, after: string): string[] => {
  const old = before.split('\n')
  return after.split('\n').filter((line) => !old.includes(line))
}

describe('an entry in a list', () => {
  test('is one line in its part, at the indentation of the part', () => {
    const { text, byHand } = register(list, entries)
    expect(byHand).toEqual([])
    expect(added(list, text)).toEqual(["import { productRoutes } from './product/routes.ts'", '  .use(productRoutes)'])
    expect(text.split('\n')).toHaveLength(list.split('\n').length + 2)
  })

  test('is made once', () => {
    const { text } = register(list, entries)
    expect(register(text, entries)).toEqual({ text, byHand: [] })
  })

  test('is known again after a formatter gave it ; and "', () => {
    const { text } = register(list, entries)
    const formatted = text.replaceAll("'", '"').replace('.ts"\n', '.ts";\n')
    expect(register(formatted, entries).text).toBe(formatted)
  })

  test.each([
    ['CRLF', list.replaceAll('\n', '\r\n')],
    ['a BOM', `\uFEFF${list}`],
    ['tabs', list.replaceAll('  //', '\t//')],
    ['no line end at the end', list.trimEnd()],
  ])('leaves every other byte of a file with %s', (_, file) => {
    const { text } = register(file, entries)
    let rest = text
    const end = file.includes('\r\n') ? '\r\n' : '\n'
    const indent = file.includes('\t//') ? '\t' : '  '
    for (const line of [
      `import { productRoutes } from './product/routes.ts'${end}`,
      `${indent}.use(productRoutes)${end}`,
    ]) {
      expect(rest).toContain(line)
      rest = rest.replace(line, '')
    }
    expect(rest).toBe(file)
  })

  test('whose markers are gone is left to the user', () => {
    const file = list.replace('  // kwik:routes\n', '')
    const { text, byHand } = register(file, entries)
    expect(byHand).toEqual([entries[1]!])
    expect(text).toContain("'./product/routes.ts'")
  })
})
