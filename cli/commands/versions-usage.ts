import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { misused } from '../failure.ts'

interface Flags {
  readonly since: string
  readonly json: boolean
}

const day = (text: string): string => {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text
  throw misused(`"${text}" is no day such as 2026-11-01`)
}

export const versionsUsage: Command<CommandContext> = buildCommand<Flags>({
  docs: { brief: 'Show which clients still use which version of the API' },
  parameters: {
    flags: {
      since: { kind: 'parsed', parse: day, default: '0001-01-01', brief: 'From this day on', placeholder: 'day' },
      json: { kind: 'boolean', default: false, withNegated: false, brief: 'As one JSON list' },
    },
  },
  loader: async () => {
    const { versionsInUse } = await import('../versions/usage.ts')
    return ({ since, json }: Flags) => versionsInUse(since, json)
  },
})
