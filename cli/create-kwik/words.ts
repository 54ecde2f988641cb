import { parseArgs } from 'node:util'
import { nearest } from '../../src/core/internal/spelling.ts'
import { Refusal } from './refusal.ts'

export const databases = ['sqlite', 'postgres'] as const
export type DatabaseChoice = (typeof databases)[number]

/** What was said on the command line; what was not is asked for. */
export interface Words {
  readonly folder?: string
  readonly db?: DatabaseChoice
  readonly yes: boolean
  readonly install: boolean
  readonly git: boolean
  readonly help: boolean
  readonly version: boolean
}

const flags = {
  db: { type: 'string' },
  yes: { type: 'boolean', short: 'y', default: false },
  'no-install': { type: 'boolean', default: false },
  'no-git': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const

export const usage = `USAGE
  bun create kwik <folder> [--db sqlite|postgres] [--yes] [--no-install] [--no-git]

Makes an app of Kwik in a new or empty folder.

FLAGS
      --db          Database to begin with; DATABASE_URL changes it later
  -y  --yes         Ask nothing and take the defaults: kwik-app, sqlite
      --no-install  Leave out the installation of the packages
      --no-git      Leave out "git init"
  -h  --help        Print this and exit
  -v  --version     Print the version and exit
`

/**
 * Reads the command line.
 *
 * @throws {Refusal} with exit code 2, for unknown flags and wrong values, with what was probably meant
 */
export function readWords(inputs: readonly string[]): Words {
  const { values, positionals, tokens } = parseArgs({
    args: [...inputs],
    options: flags,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(flags, token.name)) throw unknownFlag(token.rawName, token.name)
    if (token.name !== 'db' && token.value !== undefined) throw new Refusal(`${token.rawName} takes no value`, 2)
  }
  if (positionals.length > 1)
    throw new Refusal(
      `one folder, please: ${positionals.map((one) => `"${one}"`).join(', ')} are ${positionals.length}`,
      2,
    )
  const [folder] = positionals
  return {
    ...(folder !== undefined && { folder }),
    ...(values.db !== undefined && { db: databaseOf(values.db) }),
    yes: values.yes === true,
    install: values['no-install'] !== true,
    git: values['no-git'] !== true,
    help: values.help === true,
    version: values.version === true,
  }
}

function databaseOf(word: unknown): DatabaseChoice {
  const found = databases.find((one) => one === word)
  if (found) return found
  if (word === 'postgresql' || word === 'pg') return 'postgres'
  const close = typeof word === 'string' ? nearest(word, databases) : undefined
  throw new Refusal(
    typeof word === 'string'
      ? `--db ${word} is not known${close === undefined ? ': pass --db sqlite or --db postgres' : `, did you mean ${close}?`}`
      : '--db needs a value: pass --db sqlite or --db postgres',
    2,
  )
}

function unknownFlag(written: string, name: string): Refusal {
  const close = nearest(name, Object.keys(flags))
  return new Refusal(`No flag registered for ${written}${close === undefined ? '' : `, did you mean --${close}?`}`, 2)
}
