import { buildCommand, type Command, type CommandContext } from '@stricli/core'

interface Flags {
  readonly dir: string
  readonly check: boolean
  readonly force: boolean
}

export const versionsFreeze: Command<CommandContext> = buildCommand<Flags, string[]>({
  docs: {
    brief: 'Write the API document of each released version, and its types; exit code 1 when one would change',
    fullDescription:
      'Keep the files with the code. In CI, --check compares and writes nothing: it fails with the difference when a released version is not what its file says.',
  },
  parameters: {
    flags: {
      dir: { kind: 'parsed', parse: String, default: 'api', brief: 'Folder of the files', placeholder: 'folder' },
      check: { kind: 'boolean', default: false, withNegated: false, brief: 'Compare, and write nothing' },
      force: { kind: 'boolean', default: false, withNegated: false, brief: 'Write what has changed too' },
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, brief: 'Versions; all that are released, without any', placeholder: 'version' },
    },
  },
  loader: async () => {
    const { freezeVersions } = await import('../versions/freeze.ts')
    return (flags: Flags, ...names: string[]) => freezeVersions(names, flags)
  },
})
