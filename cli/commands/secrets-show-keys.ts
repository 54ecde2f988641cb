import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { json } from '../settings/flags.ts'

interface Flags {
  readonly profile: string
  readonly json: boolean
}

export const secretsShowKeys: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'List the names of the sealed secrets of a profile, never their values' },
  parameters: {
    flags: {
      profile: { kind: 'parsed', parse: String, default: 'production', brief: 'Whose secrets', placeholder: 'name' },
      json,
    },
  },
  loader: async () => {
    const { showKeys } = await import('../secrets/edit.ts')
    return (flags: Flags) => showKeys(flags)
  },
})
