import { createRequire } from 'node:module'
import { type Application, buildApplication, buildRouteMap, type CommandContext, run, text_en } from '@stricli/core'
import { nearest } from '#core/internal/spelling'
import { createAdmin } from './commands/accounts-create-admin.ts'
import { importAccounts } from './commands/accounts-import.ts'
import { build } from './commands/build.ts'
import { check } from './commands/check.ts'
import { dbMake } from './commands/db-make.ts'
import { dbMigrate } from './commands/db-migrate.ts'
import { dbSeed } from './commands/db-seed.ts'
import { dbStatus } from './commands/db-status.ts'
import { dev } from './commands/dev.ts'
import { doctor } from './commands/doctor.ts'
import { generateResource } from './commands/generate-resource.ts'
import { permissions } from './commands/permissions.ts'
import { bumpPermissions } from './commands/permissions-bump.ts'
import { routes } from './commands/routes.ts'
import { secretsEdit } from './commands/secrets-edit.ts'
import { secretsRotateKey } from './commands/secrets-rotate-key.ts'
import { secretsShowKeys } from './commands/secrets-show-keys.ts'
import { settingsCheck } from './commands/settings-check.ts'
import { settingsDiff } from './commands/settings-diff.ts'
import { settingsEnvExample } from './commands/settings-env-example.ts'
import { settingsExplain } from './commands/settings-explain.ts'
import { settingsGet } from './commands/settings-get.ts'
import { settingsSchema } from './commands/settings-schema.ts'
import { settingsTypes } from './commands/settings-types.ts'
import { start as startCommand } from './commands/start.ts'
import { escapeBunFlags, test } from './commands/test.ts'
import { versionsDiff } from './commands/versions-diff.ts'
import { versionsFreeze } from './commands/versions-freeze.ts'
import { versionsUsage } from './commands/versions-usage.ts'
import { CliFailure, misused } from './failure.ts'

const generate = { resource: generateResource }
const db = { make: dbMake, migrate: dbMigrate, status: dbStatus, seed: dbSeed }
const accounts = { 'create-admin': createAdmin, import: importAccounts }
const perms = { show: permissions, bump: bumpPermissions }
const settings = {
  check: settingsCheck,
  explain: settingsExplain,
  diff: settingsDiff,
  get: settingsGet,
  schema: settingsSchema,
  'env-example': settingsEnvExample,
  types: settingsTypes,
}
const versions = { freeze: versionsFreeze, diff: versionsDiff, usage: versionsUsage }
const secrets = { edit: secretsEdit, 'rotate-key': secretsRotateKey, 'show-keys': secretsShowKeys }
const alone = { dev, test, build, start: startCommand, routes, check, doctor }
const groups: Readonly<Record<string, object>> = {
  generate,
  g: generate,
  db,
  accounts,
  permissions: perms,
  perms,
  settings,
  secrets,
  versions,
}
/** Groups that do something by themselves. */
const acting: ReadonlySet<string> = new Set(['permissions', 'perms'])

const text = {
  ...text_en,
  exceptionWhileParsingArguments: (error: unknown): string =>
    ownWordsIn(error) ??
    text_en.exceptionWhileParsingArguments.call(text_en, error, false).replace(/--[a-z]+(?:[A-Z][a-z]*)+/g, kebab),
  exceptionWhileRunningCommand: (error: unknown): string => messageOf(error),
  exceptionWhileLoadingCommandFunction: (error: unknown): string => messageOf(error),
  commandErrorResult: (error: Error): string => messageOf(error),
}

const program: Application<CommandContext> = buildApplication(
  buildRouteMap({
    routes: {
      generate: buildRouteMap({
        routes: generate,
        docs: { brief: 'Write code that is yours from then on' },
      }),
      db: buildRouteMap({
        routes: db,
        docs: { brief: 'Migrations and seeds of the database' },
      }),
      ...alone,
      accounts: buildRouteMap({
        routes: accounts,
        docs: { brief: 'Users of the app' },
      }),
      permissions: buildRouteMap({
        routes: perms,
        defaultCommand: 'show',
        docs: { brief: 'Which role may call which route' },
      }),
      settings: buildRouteMap({
        routes: settings,
        docs: { brief: 'What the app can be told, and what it was told' },
      }),
      secrets: buildRouteMap({
        routes: secrets,
        docs: { brief: 'Secrets in sealed files, which need no service' },
      }),
      versions: buildRouteMap({
        routes: versions,
        docs: { brief: 'Versions of the API' },
      }),
    },
    aliases: { g: 'generate', perms: 'permissions' },
    docs: { brief: 'Kwik: typed HTTP APIs on Bun' },
  }),
  {
    name: 'kwik',
    versionInfo: { getCurrentVersion: async () => version() },
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
  await runCommand(inputs)
  // An app that a command loaded may hold timers and connections.
  const code = exitCode()
  process.stdout.write('', () => process.exit(code))
}

async function runCommand(inputs: readonly string[]): Promise<void> {
  try {
    refuseUnknown(inputs)
    await run(program, escapeBunFlags(inputs), { process })
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = error instanceof CliFailure ? error.exitCode : 1
  }
}

/** @throws {CliFailure} with exit code 2, for a command that is not there, naming the nearest or all there are */
function refuseUnknown([word, next]: readonly string[]): void {
  if (word === undefined) return
  const top = [...Object.keys(groups), ...Object.keys(alone)]
  const known = top.includes(word) ? Object.keys(groups[word] ?? {}) : top
  const said = top.includes(word) ? next : word
  if (known.length === 0 || said === undefined || known.includes(said) || ownFlags.includes(said)) return
  if (said.startsWith('-') && acting.has(word)) return
  if (said.startsWith('-'))
    throw misused(`No flag registered for ${said}${meant(said.replace(/^--?/, ''), ['help', 'version'], '--')}`)
  const all = `; there are: ${known.filter((one) => one !== 'g' && one !== 'perms').join(', ')}`
  throw misused(`No command registered for \`${said}\`${meant(said, known, '') || all}`)
}

const ownFlags: readonly string[] = ['--help', '-h', '--version', '-v']

function meant(said: string, known: readonly string[], before: string): string {
  const close = nearest(said, known)
  return close === undefined ? '' : `, did you mean ${before === '' ? `\`${close}\`` : before + close}?`
}

/** What a parser of ours says of a value that it does not take. */
function ownWordsIn(error: unknown): string | undefined {
  const cause = (error as { exception?: unknown }).exception
  return cause instanceof CliFailure ? cause.message : undefined
}

/** Asked for by name: an import would be compiled into the package, where a second package.json hides the first. */
function version(): string {
  return (createRequire(import.meta.url)('kwik/package.json') as { readonly version: string }).version
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

/** A mistake in the app's code is found by its place or its stack; what Kwik says itself is enough. */
function whereToLook(error: Error): string {
  const { position } = error as { position?: { file: string; line: number } | null }
  if (position) return ` in ${position.file}:${position.line}`
  return error instanceof ReferenceError || error.name === 'TypeError' ? '\nDEBUG=kwik shows where' : ''
}

function messageOf(error: unknown): string {
  if (error instanceof CliFailure) return error.message
  if (error instanceof Error)
    return process.env['DEBUG']?.includes('kwik') ? String(error.stack) : error.message + whereToLook(error)
  return String(error)
}
