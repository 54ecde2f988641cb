import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { misused } from '../failure.ts'

interface Flags {
  readonly indexes: boolean
  readonly json: boolean
}

export const check: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Look for indexes that the lists of the app lack; exit code 1 when some are missing',
    fullDescription:
      'Asks the database of the app how it would run every order, filter, relation and search that a list offers, and prints the indexes that would help. Nothing is run and nothing is changed.',
  },
  parameters: {
    flags: {
      indexes: { kind: 'boolean', default: false, withNegated: false, brief: 'Check the indexes of lists' },
      json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON object' },
    },
  },
  loader: async () => {
    const { checkListIndexes } = await import('../running/indexes.ts')
    return (flags: Flags) => {
      if (!flags.indexes) throw misused('what is to be checked? Write kwik check --indexes')
      return checkListIndexes(flags.json)
    }
  },
})
