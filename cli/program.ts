import { createRequire } from 'node:module'
import { type Application, buildApplication, buildRouteMap, type CommandContext, run, text_en } from '@stricli/core'
import { createAdmin } from './commands/accounts-create-admin.ts'
import { dbMake } from './commands/db-make.ts'
import { dbMigrate } from './commands/db-migrate.ts'
import { dbSeed } from './commands/db-seed.ts'
import { dbStatus } from './commands/db-status.ts'
import { dev } from './commands/dev.ts'
import { generateResource } from './commands/generate-resource.ts'
import { routes } from './commands/routes.ts'
import { escapeBunFlags, test } from './commands/test.ts'
import { CliFailure } from './failure.ts'

const text = {
  ...text_en,
  exceptionWhileParsingArguments: (error: unknown): string =>
    text_en.exceptionWhileParsingArguments.call(text_en, error, false).replace(/--[a-z]+(?:[A-Z][a-z]*)+/g, kebab),
  exceptionWhileRunningCommand: (error: unknown): string => messageOf(error),
  exceptionWhileLoadingCommandFunction: (error: unknown): string => messageOf(error),
  commandErrorResult: (error: Error): string => messageOf(error),
}

const program: Application<CommandContext> = buildApplication(
  buildRouteMap({
    routes: {
      generate: buildRouteMap({
        routes: { resource: generateResource },
        docs: { brief: 'Write code that is yours from then on' },
      }),
      db: buildRouteMap({
        routes: { make: dbMake, migrate: dbMigrate, status: dbStatus, seed: dbSeed },
        docs: { brief: 'Migrations and seeds of the database' },
      }),
      dev,
      test,
      routes,
      accounts: buildRouteMap({
        routes: { 'create-admin': createAdmin },
        docs: { brief: 'Users of the app' },
      }),
    },
    aliases: { g: 'generate' },
    docs: { brief: 'Kwik: typed HTTP APIs on Bun' },
  }),
  {
    name: 'kwik',
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    localization: { loadText: () => text },
    determineExitCode: (error) => (error instanceof CliFailure ? error.exitCode : 1),
  },
)

/** Flags are shown as they are written: --dry-run, not --dryRun. */
function kebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Runs one command and leaves its exit code: 0 done, 1 failed, 2 the words were wrong. */
export async function start(inputs: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveQuietly)
  // stricli has a variable of its own for https://no-color.org
  if (process.env['NO_COLOR']) process.env['STRICLI_NO_COLOR'] = '1'
  if (inputs.length === 1 && (inputs[0] === '--version' || inputs[0] === '-v')) showVersion()
  else await runCommand(inputs)
  // An app that a command loaded may hold timers and connections.
  const code = exitCode()
  process.stdout.write('', () => process.exit(code))
}

async function runCommand(inputs: readonly string[]): Promise<void> {
  try {
    await run(program, escapeBunFlags(inputs), { process })
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = error instanceof CliFailure ? error.exitCode : 1
  }
}

/** Asked for by name: an import would be compiled into the package, where a second package.json hides the first. */
function showVersion(): void {
  const manifest = createRequire(import.meta.url)('kwik/package.json') as { readonly version: string }
  process.stdout.write(`${manifest.version}\n`)
}

/** What stricli says of unknown words and wrong values is below zero: 2 here, as with most programs. */
function exitCode(): number {
  const code = Number(process.exitCode ?? 0)
  return code < 0 || code > 200 ? 2 : code
}

/** A reader that went away (`kwik routes | head -1`) is no failure. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}

function messageOf(error: unknown): string {
  if (error instanceof CliFailure) return error.message
  if (error instanceof Error)
    return process.env['DEBUG']?.includes('kwik') ? String(error.stack) : `${error.name}: ${error.message}`
  return String(error)
}
