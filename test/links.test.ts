import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '#test'
import { projectFiles, root } from './sources.ts'

const pages = projectFiles().filter((path) => path.endsWith('.md') && !/^(test|cli)\//.test(path))

describe('links between pages', () => {
  for (const page of pages)
    test(`${page} leads somewhere`, () => {
      const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '')
      const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!)
      const broken = targets.filter((target) => !/^https?:/.test(target) && !existsSync(join(root, dirname(page), target)))
      expect(broken).toEqual([])
    })
})
