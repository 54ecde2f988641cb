import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { misused } from '../failure.ts'

interface Flags {
  readonly port?: number
}

export const dev: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Run the app and take up every change of its files',
    fullDescription: 'Runs src/index.ts with "bun --hot": after a syntax error the last good code goes on answering.',
  },
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: portOf,
        optional: true,
        brief: 'Port to listen on, in the place of PORT',
        placeholder: 'number',
      },
    },
  },
  loader: async () => {
    const { runDev } = await import('../running/dev.ts')
    return (flags: Flags) => runDev(flags.port)
  },
})

export function portOf(input: string): number {
  const port = Number(input)
  if (!/^\d+$/.test(input) || port > 65_535) throw misused(`"${input}" is no port: write a number up to 65535`)
  return port
}
