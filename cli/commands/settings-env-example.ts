import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { json } from '../settings/flags.ts'

interface Flags {
  readonly check: boolean
  readonly json: boolean
}

export const settingsEnvExample: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'Print a .env.example, or check the one that is there' },
  parameters: {
    flags: {
      check: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Tell what .env.example lacks and what no setting reads; exit code 1 when there is anything',
      },
      json,
    },
  },
  loader: async () => {
    const { envExample } = await import('../settings/written.ts')
    return (flags: Flags) => envExample(flags)
  },
})
