import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly scenario: string
}

export const dbSeed: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Fill the database with a scenario',
    fullDescription: 'Builds the scenario that src/scenarios/<name>.ts exports, in one transaction.',
  },
  parameters: {
    flags: {
      scenario: {
        kind: 'parsed',
        parse: String,
        default: 'demo',
        brief: 'Which of src/scenarios',
        placeholder: 'name',
      },
    },
  },
  loader: async () => {
    const { seed } = await import('../database/seed.ts')
    return (flags: Flags) => seed(flags.scenario)
  },
})
