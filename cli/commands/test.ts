import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { nearest } from '#core/internal/spelling'
import { misused } from '../failure.ts'

interface Flags {
  readonly scenario?: string
}

export const test: Command<CommandContext> = buildCommand<Flags, string[]>({
  docs: {
    brief: 'Run the tests, with every flag of "bun test"',
    fullDescription:
      'Runs "bun test" on SQLite databases of its own. With --scenario it runs the tests that import src/scenarios/<name>.ts. All other words go to "bun test".',
  },
  parameters: {
    flags: {
      scenario: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Only the tests that use this scenario',
        placeholder: 'name',
      },
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, brief: 'Words for "bun test"', placeholder: 'bun words' },
    },
  },
  loader: async () => {
    const { runTests } = await import('../running/tests.ts')
    return (flags: Flags, ...words: string[]) => runTests(words, flags.scenario)
  },
})

/**
 * Puts what belongs to `bun test` behind `--`, so that its flags are not read as ours.
 *
 * @throws {CliFailure} with exit code 2, for a flag that is nearly ours
 */
export function escapeBunFlags(inputs: readonly string[]): string[] {
  const [command, ...words] = inputs
  if (command !== 'test' || words.includes('--')) return [...inputs]
  const ours: string[] = []
  const buns: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--scenario') ours.push(word, ...words.slice(++at, at + 1))
    else if (word.startsWith('--scenario=') || word === '--help' || word === '-h') ours.push(word)
    else buns.push(word)
  }
  const typo = buns.find((word) => /^--[a-z]/.test(word) && nearest(word.slice(2).split('=')[0]!, ['scenario']))
  if (typo !== undefined) throw misused(`No flag registered for ${typo.split('=')[0]}, did you mean --scenario?`)
  return [command, ...ours, ...(buns.length > 0 ? ['--', ...buns] : [])]
}
