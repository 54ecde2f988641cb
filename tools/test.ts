// Every check of the repository, in the order in which they find things cheapest; the last line counts them all.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { plantedIn } from './planted.ts'

interface Part {
  readonly name: string
  readonly command: readonly string[]
  /** Whether its output has counts of tests; otherwise the whole part counts as one. */
  readonly counts?: boolean
  /** Whether it says which lines ran. */
  readonly covers?: boolean
}

/** Enough for an error with its source and stack. */
const linesOfFailure = 60

/** Of the lines of src, plugins and cli, the part that tests run. */
const leastCovered = 0.9

const parts: readonly Part[] = [
  { name: 'format and lint', command: ['bunx', 'biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'types', command: ['bunx', 'tsc', '--noEmit', '-p', '.'] },
  { name: 'declarations', command: ['bunx', 'tsc', '--noEmit', '-p', 'tsconfig.build.json'] },
  {
    name: 'tests on Bun',
    // A machine that is busy must not fail a test: no test asserts a time.
    command: [
      ...['bun', 'test', '--timeout', '30000'],
      ...['--coverage', '--coverage-reporter=lcov', '--path-ignore-patterns=test/e2e/**'],
    ],
    counts: true,
    covers: true,
  },
  { name: 'tests on Deno', command: ['bun', 'run', 'test:deno'], counts: true },
  { name: 'end to end', command: ['bun', 'test', '--timeout', '240000', './test/e2e'], counts: true },
]

interface Count {
  passed: number
  failed: number
  skipped: number
  /** What each failed test printed, to stand again at the end of a long log. */
  failures?: readonly string[]
}

function run(part: Part): Promise<Count> {
  console.log(`\n== ${part.name}`)
  return new Promise((done) => {
    const child = spawn(part.command[0]!, part.command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const take = (chunk: Buffer): void => {
      const text = String(chunk)
      output += text
      process.stdout.write(text.replaceAll(/^\(pass\).*\n/gm, ''))
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => {
      console.error(error.message)
      done({ passed: 0, failed: 1, skipped: 0 })
    })
    child.on('close', (code) => {
      const count = part.counts
        ? countOf(output, code)
        : { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
      const leaks = plantedIn(output)
      for (const line of leaks) console.error(`planted secret in the output of ${part.name}: ${line}`)
      done({ ...count, failed: count.failed + leaks.length })
    })
  })
}

/** Reads the closing counts of bun test (` 12 pass`) and of Deno (`12 passed | 0 failed`). */
function countOf(output: string, code: number | null): Count {
  const last = (pattern: RegExp): number => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0)
  const passed = last(/^\s*(\d+) pass$/gm) || last(/^ok \| (\d+) passed/gm) || last(/\| (\d+) passed/g)
  const failed = last(/^\s*(\d+) fail$/gm) || last(/\| (\d+) failed/g)
  const skipped = last(/^\s*(\d+) skip$/gm) || last(/(\d+) ignored/g)
  // A part that broke without a failed test has failed all the same: coverage, a crash, nothing run.
  const broke = failed === 0 && (code !== 0 || passed === 0)
  return { passed, failed: broke ? 1 : failed, skipped, failures: failuresIn(output) }
}

/** The end of what was printed before each `(fail)` of bun test, and Deno's own list. */
function failuresIn(output: string): string[] {
  const found = new Map<string, string>()
  let before: string[] = []
  for (const line of output.split('\n')) {
    before.push(line)
    // Bun names them all once more when it is done.
    if (line.startsWith('(fail)') && !found.has(line)) found.set(line, before.slice(-linesOfFailure).join('\n'))
    if (/^\((pass|skip|todo|fail)\)|^\S+\.test\.ts:$/.test(line)) before = []
  }
  const ofDeno = /^ ?ERRORS ?$[\s\S]*?(?=^(ok|FAILED) \|)/m.exec(output)?.[0]
  return ofDeno === undefined ? [...found.values()] : [...found.values(), ofDeno]
}

/** Lines that ran, of all lines, as `--coverage-reporter=lcov` writes them; not a number without a report. */
function covered(): number {
  const file = 'coverage/lcov.info'
  const report = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const sum = (word: 'LH' | 'LF'): number =>
    [...report.matchAll(new RegExp(`^${word}:(\\d+)$`, 'gm'))].reduce((all, [, lines]) => all + Number(lines), 0)
  return sum('LH') / sum('LF')
}

const only = process.argv.slice(2)
const total: Count = { passed: 0, failed: 0, skipped: 0 }
const broken: string[] = []
const failures: string[] = []
for (const part of parts.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)))) {
  const started = performance.now()
  const count = await run(part)
  console.log(`== ${part.name}: ${Math.round((performance.now() - started) / 1000)} s`)
  if (part.covers) {
    const lines = covered()
    console.log(`== coverage: ${(lines * 100).toFixed(1)} % of lines`)
    if (!(lines >= leastCovered)) count.failed++
  }
  if (count.failed > 0) broken.push(part.name)
  failures.push(...(count.failures ?? []))
  total.passed += count.passed
  total.failed += count.failed
  total.skipped += count.skipped
}
for (const failure of failures) console.log(`\n${failure}`)
if (broken.length > 0) console.log(`\nfailed: ${broken.join(', ')}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exit(total.failed > 0 ? 1 : 0)
