import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly name?: string
  readonly rename?: readonly string[]
  readonly drop?: readonly string[]
  readonly custom: boolean
}

export const dbMake: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Write the migrations for what changed in the tables, for both databases',
    fullDescription:
      'It never asks: when a field is gone and another is new, say --rename products.title=products.name or --drop products.title.',
  },
  parameters: {
    flags: {
      name: { kind: 'parsed', parse: String, optional: true, brief: 'What changes: add_stock', placeholder: 'words' },
      rename: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'What was renamed',
        placeholder: 'old=new',
      },
      drop: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'What goes with its data',
        placeholder: 'table.field',
      },
      custom: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'An empty migration, for statements of your own',
      },
    },
  },
  loader: async () => {
    const { makeMigrations } = await import('../database/make.ts')
    return (flags: Flags) => makeMigrations(flags)
  },
})
