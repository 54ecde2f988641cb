import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { ReadFlags } from '../settings/declared.ts'
import { reading } from '../settings/flags.ts'

type Flags = ReadFlags & { readonly json: boolean }

export const settingsGet: Command<CommandContext> = buildCommand<Flags, [string]>({
  docs: { brief: 'Print the value of one setting, for scripts; secrets are not printed' },
  parameters: {
    flags: reading,
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'A setting: server.port', placeholder: 'key' }] },
  },
  loader: async () => {
    const { getSetting } = await import('../settings/explain.ts')
    return (flags: Flags, key: string) => getSetting(flags, key)
  },
})
