import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { CheckName } from '../running/check.ts'

interface Flags {
  readonly indexes: boolean
  readonly permissions: boolean
  readonly json: boolean
}

export const check: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Look for what the app and its database do not agree on; exit code 1 when something is to be done',
    fullDescription:
      'Indexes: asks the database of the app how it would run every order, filter, relation and search that a list offers, and prints the indexes that would help. Permissions: looks for grants of stored roles that the app does not declare any more. Nothing is run and nothing is changed. Without a flag both are checked.',
  },
  parameters: {
    flags: {
      indexes: { kind: 'boolean', default: false, withNegated: false, brief: 'Check the indexes of lists' },
      permissions: { kind: 'boolean', default: false, withNegated: false, brief: 'Check what stored roles grant' },
      json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON object' },
    },
  },
  loader: async () => {
    const { checkApp } = await import('../running/check.ts')
    return (flags: Flags) => {
      const all: readonly CheckName[] = ['indexes', 'permissions']
      const said = all.filter((name) => flags[name])
      return checkApp(said.length > 0 ? said : all, flags.json)
    }
  },
})
