#!/usr/bin/env bun
/**
 * What it takes to load 10,000 settings from one file: `defineSettings()` in a process that has done nothing before, with the
 * package that reads the file. Nothing is compiled yet, so a second load would take a third of it.
 *
 *     bun test/performance/settings.ts [processes]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TObject, TSchema } from '@sinclair/typebox'
import { defineSettings, T } from '../../plugins/settings/index.ts'
import { inFolder } from '../services.ts'
import { median } from './rounds.ts'

const goal = 100
const shapes: Readonly<Record<string, readonly number[]>> = { flat: [10_000], nested: [100, 10, 10] }
const formats: Readonly<Record<string, (values: object) => string | Promise<string>>> = {
  // Not imported by the processes that are measured.
  yaml: async (values) => (await import('yaml')).stringify(values),
  json: (values) => JSON.stringify(values, undefined, 2),
}

/** A map of maps, as many in each as the widths say; the innermost values are made of a number each. */
function map<V>(widths: readonly number[], inner: (entries: [string, V][]) => V, leaf: (n: number) => V, from = 0): V {
  const [width, ...deeper] = widths
  if (width === undefined) return leaf(from)
  const size = deeper.reduce((all, one) => all * one, 1)
  return inner(
    Array.from({ length: width }, (_, n) => [`key${n}`, map(deeper, inner, leaf, from + n * size)] as [string, V]),
  )
}

const schemaOf = (widths: readonly number[]): TObject =>
  map<TSchema>(
    widths,
    (entries) => T.Object(Object.fromEntries(entries)),
    (n) => [T.Integer(), T.String(), T.Boolean()][n % 3]!,
  ) as TObject
const valuesOf = (widths: readonly number[]): object =>
  map<unknown>(widths, Object.fromEntries, (n) => [n, `text ${n}`, true][n % 3]) as object

/** Both in milliseconds. */
interface Spent {
  readonly wall: number
  readonly cpu: number
}

function load(dir: string, shape: string): Spent {
  const schema = schemaOf(shapes[shape]!)
  const before = process.cpuUsage()
  const start = performance.now()
  defineSettings(schema, { dir, env: {}, args: [] })
  const wall = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return { wall, cpu: (user + system) / 1000 }
}

async function measured(folder: string, shape: string, format: string, processes: number): Promise<void> {
  const dir = join(folder, `${shape}-${format}`)
  mkdirSync(join(dir, 'config'), { recursive: true })
  writeFileSync(join(dir, 'config', `base.${format}`), await formats[format]!(valuesOf(shapes[shape]!)))
  const spent: Spent[] = []
  for (let i = 0; i < processes; i++) {
    const child = Bun.spawn([process.execPath, '--no-env-file', import.meta.path, 'load', dir, shape])
    spent.push(JSON.parse(await new Response(child.stdout).text()) as Spent)
  }
  const walls = spent.map(({ wall }) => wall)
  const cells = [median(walls), Math.min(...walls), median(spent.map(({ cpu }) => cpu))].map((one) => one.toFixed(0))
  console.log(`| ${format}, ${shape} | ${cells.join(' | ')} |`)
}

const [first = '11', dir = '', shape = ''] = process.argv.slice(2)
if (first === 'load') console.log(JSON.stringify(load(dir, shape)))
else {
  console.log('| file | median (ms) | least (ms) | processor time (ms) |\n| --- | --- | --- | --- |')
  await inFolder(async (folder) => {
    for (const format of Object.keys(formats))
      for (const one of Object.keys(shapes)) await measured(folder, one, format, Number(first))
  })
  console.log(`\nThe goal is ${goal} ms.`)
}
