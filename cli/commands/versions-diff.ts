import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly json: boolean
}

export const versionsDiff: Command<CommandContext> = buildCommand<Flags, [string, string]>({
  docs: { brief: 'Show what is different between the API documents of two versions' },
  parameters: {
    flags: { json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON list' } },
    positional: {
      kind: 'tuple',
      parameters: [
        { parse: String, brief: 'Version', placeholder: 'from' },
        { parse: String, brief: 'Another', placeholder: 'to' },
      ],
    },
  },
  loader: async () => {
    const { diffVersions } = await import('../versions/diff.ts')
    return ({ json }: Flags, from: string, to: string) => diffVersions(from, to, json)
  },
})
