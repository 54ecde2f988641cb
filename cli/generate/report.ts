import { unifiedDiff } from './diff.ts'
import type { Change } from './plan.ts'

const said: Readonly<Record<Change['what'], string>> = {
  create: 'create',
  update: 'update',
  merge: 'merge',
  edit: 'edit',
  unchanged: '',
  kept: 'keep',
  refused: 'refuse',
  waiting: 'refuse',
  foreign: 'refuse',
}

/** Says what was done, a file a line. */
export function report(files: readonly Change[], migrations: readonly string[], byHand: readonly string[]): void {
  const lines = [...files.flatMap(lineOf), ...migrations]
  write(lines.length > 0 ? lines : ['unchanged'])
  writeManualSteps(byHand)
}

/** Says what would be done, with every line of it. */
export function reportDryRun(files: readonly Change[], byHand: readonly string[]): void {
  const lines = files.flatMap(lineOf)
  write(lines.length > 0 ? lines : ['unchanged'])
  for (const { path, what, before, after } of files) {
    if (what !== 'refused') process.stdout.write(unifiedDiff(path, before, after))
  }
  writeManualSteps(byHand)
  if (lines.length > 0) write(['', 'Nothing was touched. The migrations are made from the tables when this is run.'])
}

function lineOf({ path, what, before, after }: Change): string[] {
  if (said[what] === '' || path.startsWith('.kwik/')) return []
  if (what === 'kept') return [line('keep', `${path} (your edits; nothing new for it)`)]
  if (what === 'refused') return [line('refuse', `${path} (see ${path}.rej)`)]
  if (what !== 'edit' || before === undefined) return [line(said[what], path)]
  return [line('edit', `${path} (+${after.split('\n').length - before.split('\n').length})`)]
}

const line = (word: string, rest: string): string => `${word.padEnd(7)} ${rest}`
const write = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)

function writeManualSteps(byHand: readonly string[]): void {
  if (byHand.length === 0) return
  const steps = byHand.length === 1 ? '1 manual step' : `${byHand.length} manual steps`
  write([`${steps}, since the // kwik: marks are gone:`, ...byHand.map((step) => `        ${step}`)])
}
