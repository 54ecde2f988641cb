import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { misused } from '../failure.ts'
import { portOf } from './dev.ts'

interface Flags {
  readonly port?: number
  readonly processes: number | 'auto'
  readonly grace: number
}

export const start: Command<CommandContext> = buildCommand<Flags>({
  docs: {
    brief: 'Serve the app as in production, with several processes on one port',
    fullDescription:
      'Runs what "kwik build" made, or src/index.ts. A process that crashes is started again, slower each time. SIGTERM lets all finish their requests; a second one ends them at once.',
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
      processes: {
        kind: 'parsed',
        parse: processesOf,
        default: '1',
        brief: 'How many, or auto for one on each processor; more than one needs Linux',
        placeholder: 'number',
      },
      grace: {
        kind: 'parsed',
        parse: secondsOf,
        default: '30',
        brief: 'Seconds until processes that do not end are killed',
        placeholder: 'seconds',
      },
    },
  },
  loader: async () => {
    const { startApp } = await import('../running/start.ts')
    return (flags: Flags) => startApp(flags)
  },
})

function processesOf(input: string): number | 'auto' {
  if (input === 'auto') return input
  const count = Number(input)
  if (!/^\d+$/.test(input) || count < 1 || count > 256)
    throw misused(`"${input}" is no number of processes: write 1 to 256, or auto`)
  return count
}

function secondsOf(input: string): number {
  if (!/^\d{1,4}$/.test(input)) throw misused(`"${input}" is no number of seconds`)
  return Number(input)
}
