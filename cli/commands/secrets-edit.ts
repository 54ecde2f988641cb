import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly profile: string
  readonly stdin: boolean
}

export const secretsEdit: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'Edit the sealed secrets of a profile: config/secrets.<profile>.enc' },
  parameters: {
    flags: {
      profile: { kind: 'parsed', parse: String, default: 'production', brief: 'Whose secrets', placeholder: 'name' },
      stdin: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Take the whole text from standard input, instead of an editor',
      },
    },
  },
  loader: async () => {
    const { editSecrets } = await import('../secrets/edit.ts')
    return (flags: Flags) => editSecrets(flags)
  },
})
