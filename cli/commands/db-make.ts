import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly name?: string
}

export const dbMake: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'Write the migrations for what changed in the tables, for both databases' },
  parameters: {
    flags: {
      name: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'A word for the files: add_stock',
        placeholder: 'word',
      },
    },
  },
  loader: async () => {
    const { makeMigrations } = await import('../database/make.ts')
    return (flags: Flags) => makeMigrations(flags.name)
  },
})
