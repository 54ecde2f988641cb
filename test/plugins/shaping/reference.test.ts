import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '#test'
import { operatorsOf } from '../../../plugins/shaping/declare/operators.ts'
import { root } from '../../sources.ts'
import { notes } from './fixture.ts'

const page: string = readFileSync(`${root}/docs/reference/shaping.md`, 'utf8')
const section = (title: string): string => page.split(/^#+ /m).find((part) => part.startsWith(title))!
const wordsOf = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]*`) *\|/gm)].flatMap(([, cell]) => cell!.match(/[\w-]+/g)!)

test('the reference names every operator, and no other', () => {
  const all = Object.values(notes.fields).flatMap(operatorsOf)
  const table = section('Query grammar').split(/^\| type +\|/m)[0]!
  expect(wordsOf(table).sort()).toEqual([...new Set(all)].sort())
})

test('the reference names every mistake, and no other', () => {
  const sources = readdirSync(`${root}/plugins/shaping`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`${root}/plugins/shaping/${file}`, 'utf8'))
    .join('\n')
  const told = [
    ...sources.matchAll(
      /(?:Mistake\(|code: (?:\w+ \? 'not-expanded' : )?|(?:refuse|lose)\((?:[\w']+, )?)'([a-z]+(?:-[a-z]+)*)'/g,
    ),
  ].map(([, code]) => code!)
  const others = ['invalid-cursor', 'cursor-expired', 'not-expanded']
  expect(wordsOf(section('Mistakes')).sort()).toEqual([...new Set([...told, ...others])].sort())
})
