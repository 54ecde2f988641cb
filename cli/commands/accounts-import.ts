import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly apply: boolean
  readonly map?: string
}

export const importAccounts: Command<CommandContext> = buildCommand<Flags, [string]>({
  docs: {
    brief: 'Take over users and roles of a Python Kwik',
    fullDescription:
      'Reads users, roles and permissions from its database (postgres://…, or a SQLite file) or from a JSON file, and tells what it would do; --apply does it. Who and what is here already stays as it is. Passwords go on working.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'postgres://…, a SQLite file, or a .json file', placeholder: 'source' }],
    },
    flags: {
      apply: { kind: 'boolean', default: false, withNegated: false, brief: 'Write it; without it nothing is changed' },
      map: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'JSON file of what permissions are called here: { "orders_read": "orders:read" }',
        placeholder: 'file',
      },
    },
  },
  loader: async () => {
    const { importFrom } = await import('../accounts/import/import-from.ts')
    return (flags: Flags, source: string) => importFrom(source, flags)
  },
})
