import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly json: boolean
}

export const routes: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'List the routes of the app and who may call them' },
  parameters: { flags: { json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON list' } } },
  loader: async () => {
    const { listRoutes } = await import('../running/routes.ts')
    return (flags: Flags) => listRoutes(flags.json)
  },
})
