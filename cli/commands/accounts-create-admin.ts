import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly email?: string
  readonly name?: string
  readonly passwordStdin: boolean
}

export const createAdmin: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Make a user who may do everything',
    fullDescription:
      'The password is read from stdin with --password-stdin; without it one is made and shown once. It is never an argument: arguments are seen by every user of the machine.',
  },
  parameters: {
    flags: {
      email: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Address to sign in with',
        placeholder: 'address',
      },
      name: { kind: 'parsed', parse: String, optional: true, brief: 'Name to be shown', placeholder: 'words' },
      passwordStdin: { kind: 'boolean', default: false, withNegated: false, brief: 'Read the password from stdin' },
    },
  },
  loader: async () => {
    const { createAdmin } = await import('../accounts/create-admin.ts')
    return (flags: Flags) => createAdmin(flags)
  },
})
