import { buildCommand, type Command, type CommandContext } from '@stricli/core'
import { misused } from '../failure.ts'

interface Flags {
  readonly plural?: string
  readonly dryRun: boolean
  readonly yes: boolean
}

export const generateResource: Command<CommandContext> = buildCommand<Flags, string[]>({
  docs: {
    brief: 'Write a resource: table, schemas, routes, permissions, migration and test',
    fullDescription: [
      'A field is name:type[:argument][:word…][!], and ! makes it required:',
      '  kwik generate resource product name:string! price:decimal:10.2 status:enum:draft,live=draft',
      'Types: string text int bigint decimal float bool date datetime uuid email url json enum list ref file.',
      'Words: unique index optional filter sort search readonly hidden secret.',
      'Run it again with other fields to change the resource; what you edited is merged, never overwritten.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      plural: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'The plural, where English is irregular',
        placeholder: 'word',
      },
      dryRun: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Show what would change and change nothing',
      },
      yes: { kind: 'boolean', default: false, withNegated: false, brief: 'Ask nothing' },
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, brief: 'Name of the resource, then its fields', placeholder: 'name fields' },
    },
    aliases: { y: 'yes' },
  },
  loader: async () => {
    const { generateResource } = await import('../generate/resource.ts')
    return (flags: Flags, name?: string, ...fields: string[]) => {
      if (name === undefined)
        throw misused('which resource? Write its name: kwik generate resource product name:string!')
      return generateResource({ ...flags, name, fields })
    }
  },
})
