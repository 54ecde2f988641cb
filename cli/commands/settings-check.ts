import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { CheckFlags } from '../settings/check.ts'
import { json, offline, set, switchOf } from '../settings/flags.ts'

export const settingsCheck: Command<CommandContext> = buildCommand<CheckFlags>({
  docs: {
    brief: 'Read the settings and tell everything that is wrong',
    fullDescription:
      'Exit code 0: all is well. 1: something is wrong. 2: the words were wrong. 3: nothing is wrong, but a store of secrets did not answer.',
  },
  parameters: {
    flags: {
      profile: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'Read as this profile would; may be said more than once',
        placeholder: 'names',
      },
      stores: switchOf('Ask each store of secrets whether it answers and lets us in'),
      offline,
      json,
      set,
    },
  },
  loader: async () => {
    const { checkSettings } = await import('../settings/check.ts')
    return (flags: CheckFlags) => checkSettings(flags)
  },
})
