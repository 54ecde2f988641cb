import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '#test'
import { projectFiles, root } from './sources.ts'

const linksOf = (page: string): string[] => {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!)
}
const pages = projectFiles().filter((path) => path.endsWith('.md') && !/^(test|cli)\//.test(path))

describe('links between pages', () => {
  for (const page of pages)
    test(`${page} leads somewhere`, () => {
      const broken = linksOf(page).filter(
        (target) => !/^https?:/.test(target) && !existsSync(join(root, dirname(page), target)),
      )
      expect(broken).toEqual([])
    })

  for (const page of pages)
    test(`tests that ${page} names are there`, () => {
      const text = readFileSync(join(root, page), 'utf8')
      const named = [...text.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, file]) => file!)
      expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
    })

  test('docs/README.md leads to every page of docs', () => {
    const led = linksOf('docs/README.md').map((target) => join('docs', target))
    expect(
      pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !led.includes(page)),
    ).toEqual([])
  })
})
