import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { ExplainFlags } from '../settings/explain.ts'
import { reading } from '../settings/flags.ts'

export const settingsExplain: Command<CommandContext> = buildCommand<ExplainFlags, string[]>({
  docs: { brief: 'Tell where the value of a setting comes from, and what it counts more than' },
  parameters: {
    flags: { ...reading, all: { kind: 'boolean', default: false, withNegated: false, brief: 'Every setting' } },
    positional: { kind: 'array', parameter: { parse: String, brief: 'Settings: server.port', placeholder: 'key' } },
  },
  loader: async () => {
    const { explainSettings } = await import('../settings/explain.ts')
    return (flags: ExplainFlags, ...keys: string[]) => explainSettings(flags, keys)
  },
})
