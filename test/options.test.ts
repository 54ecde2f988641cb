import { readFileSync } from 'node:fs'
import { describe, expect, test } from '#test'
import packageJson from '../package.json'
import { subpaths } from '../tools/exports-table.ts'
import { interfacesOf, pageOf } from '../tools/options-table.ts'
import { root } from './sources.ts'

describe('docs/reference/options.md', () => {
  test('is what `bun tools/options-table.ts` writes', () => {
    expect(readFileSync(`${root}/docs/reference/options.md`, 'utf8')).toBe(pageOf(subpaths(packageJson.exports)))
  })
})

test('an option has its sentence, its default and its type', () => {
  const source = `
    /** Not of an option. */
    export interface Wall extends Thing {
      /**
       * How high it is,
       * in bricks. @default 3
       */
      readonly height?: number
      readonly colour: 'red' | 'white'
      /** Who builds. @example a({ mason }) */
      mason(name: string): void
    }`
  expect(interfacesOf(source).get('Wall')).toEqual({
    parents: ['Thing'],
    options: [
      { name: 'height', type: 'number', needed: false, says: 'How high it is, in bricks.', byDefault: '3' },
      { name: 'colour', type: "'red' | 'white'", needed: true, says: '', byDefault: '' },
      { name: 'mason', type: '(name: string): void', needed: true, says: 'Who builds.', byDefault: '' },
    ],
  })
})
