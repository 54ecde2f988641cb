import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '#test'
import { plantedIn } from '../tools/planted.ts'
import { canary, mark } from './canary.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* sources(path)
    else if (/\.tsx?$/.test(name)) yield path
  }
}

describe('the secret that tests plant', () => {
  test('is found in what the suite writes, whoever wrote it', () => {
    const basic = Buffer.from(canary).toString('base64')
    const output = `(pass) a\n{"message":"no ${canary}"}\r\n(pass) b\nBasic ${basic}\n(pass) c\n`
    expect(plantedIn(output)).toEqual([`{"message":"no ${canary}"}`, `Basic ${basic}`])
  })

  test('stands in no source, so that neither excerpts nor names of tests have it', () => {
    const found = ['test', 'tools', 'src', 'plugins', 'cli'].flatMap((folder) => [...sources(join(root, folder))])
    expect(found.length).toBeGreaterThan(500)
    expect(found.filter((path) => readFileSync(path, 'utf8').includes(mark))).toEqual([])
  })
})
