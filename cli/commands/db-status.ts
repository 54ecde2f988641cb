import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly json: boolean
}

export const dbStatus: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'List the migrations and which of them have run; exit code 1 when some have not' },
  parameters: { flags: { json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON list' } } },
  loader: async () => {
    const { showStatus } = await import('../database/status.ts')
    return (flags: Flags) => showStatus(flags.json)
  },
})
