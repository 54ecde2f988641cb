import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly profile?: readonly string[]
}

export const secretsRotateKey: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'Seal the secrets of profiles with a new key' },
  parameters: {
    flags: {
      profile: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'Whose secrets; all that have one key must be said together (production, when none is said)',
        placeholder: 'name',
      },
    },
  },
  loader: async () => {
    const { rotateKey } = await import('../secrets/edit.ts')
    return ({ profile = ['production'] }: Flags) => rotateKey({ profile })
  },
})
