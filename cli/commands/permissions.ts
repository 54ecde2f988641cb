import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly json: boolean
  readonly unused: boolean
}

export const permissions: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Show which role may call which route',
    fullDescription:
      'Lists the routes of the app with who may call them, and for each role of its database whether it is enough: `yes`, `own` for what is the caller’s own alone, or `-`. Roles are taken as given everywhere.',
  },
  parameters: {
    flags: {
      json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON object' },
      unused: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'List the permissions that are declared and that no route or list asks for',
      },
    },
  },
  loader: async () => {
    const { listUnused, showMatrix } = await import('../running/permissions.ts')
    return ({ json, unused }: Flags) => (unused ? listUnused(json) : showMatrix(json))
  },
})
