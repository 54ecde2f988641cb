#!/usr/bin/env bun
/**
 * Moves each phase once and fails unless test/core/order.test.ts goes red each time: the proof that the test holds the
 * order. Works on copies in the system's folder for temporary files.
 *
 *     bun run test:mutation              all
 *     bun run test:mutation 'replay'     those whose name contains a word
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { phases } from '#core/phases'
import { type Mutation, mutations } from './mutations.ts'

const root: string = join(import.meta.dir, '../..')
const parts = [
  'src',
  'test/core/order.test.ts',
  'test/fixtures',
  'test/harness.ts',
  'test/preload.ts',
  'package.json',
  'tsconfig.json',
  'bunfig.toml',
]
/** Enough arrangements for every mutation; most fall within the first ten. */
const runs = '150'

type Verdict = 'green' | 'red' | 'broken'

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-mutation-'))
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

async function runTest(folder: string): Promise<Verdict> {
  const test = Bun.spawn([process.execPath, 'test', 'test/core/order.test.ts'], {
    cwd: folder,
    env: { ...process.env, RUNS: runs, SHRINK: 'no' },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const [code, output] = await Promise.all([test.exited, new Response(test.stderr).text()])
  if (code === 0) return 'green'
  // Red must be the property's verdict, not a file that cannot be loaded.
  return output.includes('Property failed') ? 'red' : 'broken'
}

async function verdictOf({ file, find, replace }: Mutation, folder: string): Promise<Verdict> {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(find).length !== 2) return 'broken'
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  try {
    return await runTest(folder)
  } finally {
    writeFileSync(path, text)
  }
}

const said: Readonly<Record<Verdict, string>> = {
  red: 'noticed  ',
  green: 'SURVIVED ',
  broken: 'BROKEN   ',
}

const word: string | undefined = process.argv[2]
const left: Mutation[] = mutations.filter(({ name }) => word === undefined || name.includes(word))
const wanted: number = left.length
let failed = 0

async function work(folder: string): Promise<void> {
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const verdict = await verdictOf(next, folder)
    if (verdict !== 'red') failed++
    console.log(`${said[verdict]}${next.name}`)
  }
}

for (const phase of phases)
  if (!mutations.some(({ moves }) => moves === phase)) {
    failed++
    console.log(`MISSING  no mutation moves the phase ${phase}`)
  }
// Two at a time, for two processors.
const folders: readonly string[] = [copy(), copy()]
try {
  if ((await runTest(folders[0]!)) !== 'green') {
    failed++
    console.log('BROKEN   test/core/order.test.ts does not pass unchanged')
  } else await Promise.all(folders.map(work))
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
console.log(failed === 0 ? `${wanted} mutations, each was noticed` : `${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
