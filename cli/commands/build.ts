import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly binary: boolean
  readonly target?: string
}

export const build: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Make one file of the app, or a binary that needs no Bun',
    fullDescription:
      'Writes dist/server/index.js, or with --binary dist/<name>, and the migrations into dist/migrations. Settings are read when it is run.',
  },
  parameters: {
    flags: {
      binary: { kind: 'boolean', default: false, withNegated: false, brief: 'A single binary, with Bun inside' },
      target: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Another system for the binary: bun-linux-x64, bun-linux-arm64, bun-darwin-arm64',
        placeholder: 'system',
      },
    },
  },
  loader: async () => {
    const { buildApp } = await import('../running/build.ts')
    return (flags: Flags) => buildApp(flags)
  },
})
