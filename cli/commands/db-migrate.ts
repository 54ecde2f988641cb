import { buildCommand, type Command, type CommandContext } from '@stricli/core'

export const dbMigrate: Command<CommandContext> = buildCommand({
  docs: { brief: 'Bring the database up to date; two at once wait for each other' },
  parameters: {},
  loader: async () => {
    const { runMigrations } = await import('../database/migrate.ts')
    return () => runMigrations()
  },
})
