import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { ReadFlags } from '../settings/declared.ts'
import { json, offline, set } from '../settings/flags.ts'

type Flags = Omit<ReadFlags, 'profile'> & { readonly json: boolean }
const profile = (brief: string) => ({ parse: String, brief, placeholder: 'profile' })

export const settingsDiff: Command<CommandContext> = buildCommand<Flags, [string, string]>({
  docs: { brief: 'Tell what two profiles have differently' },
  parameters: {
    flags: { offline, json, set },
    positional: { kind: 'tuple', parameters: [profile('One profile'), profile('The other')] },
  },
  loader: async () => {
    const { diffSettings } = await import('../settings/explain.ts')
    return (flags: Flags, one: string, other: string) => diffSettings(flags, one, other)
  },
})
