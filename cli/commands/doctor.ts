import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import type { DoctorFlags } from '../running/doctor.ts'

const flag = (brief: string) => ({ kind: 'boolean', default: false, withNegated: false, brief }) as const

export const doctor: Command<CommandContext> = buildCommand<DoctorFlags>({
  docs: {
    brief: 'Look for what is unsafe or missing; exit code 1 when there is a problem',
    fullDescription:
      'Looks at settings, secrets, CORS, hosts, proxies, TLS, limits, the database, Redis and the tools, and changes nothing. With --production the app is loaded and judged as it would run there.',
  },
  parameters: {
    flags: {
      production: flag('Judge as in production, whatever the profile is'),
      strict: flag('Exit code 1 for warnings too'),
      json: flag('As one JSON object'),
    },
  },
  loader: async () => {
    const { examine } = await import('../running/doctor.ts')
    return (flags: DoctorFlags) => examine(flags)
  },
})
