import { buildCommand, type Command, type CommandContext } from '@stricli/core'

export const settingsSchema: Command<CommandContext> = buildCommand({
  docs: { brief: 'Print the JSON Schema of config files, for editors' },
  parameters: {},
  loader: async () => {
    const { printSchema } = await import('../settings/written.ts')
    return () => printSchema()
  },
})
