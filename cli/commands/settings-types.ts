import { buildCommand, type Command, type CommandContext } from '@stricli/core'

export const settingsTypes: Command<CommandContext> = buildCommand({
  docs: { brief: 'Print the type of the settings as a TypeScript declaration' },
  parameters: {},
  loader: async () => {
    const { printTypes } = await import('../settings/written.ts')
    return () => printTypes()
  },
})
