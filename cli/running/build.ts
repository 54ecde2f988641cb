import { cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { CliFailure, misused } from '../failure.ts'
import { findProject, type Project } from '../project.ts'
import { runBun } from './bun.ts'

interface Wanted {
  readonly binary: boolean
  readonly target?: string
}

/** What only the tools of an app need, and no app in production: found when it is there. */
const tools: readonly string[] = ['drizzle-kit', 'drizzle-kit/*']

/** Makes `dist/server/index.js`, or a binary, and puts the migrations where both look for them. */
export async function buildApp({ binary, target }: Wanted): Promise<void> {
  if (target !== undefined && !binary) throw misused('--target is for a binary: add --binary')
  const project = findProject()
  const entry = project.path('src/index.ts')
  if (!existsSync(entry)) throw new CliFailure('src/index.ts is not there: it starts the app')
  const dist = project.path('dist')
  rmSync(dist, { recursive: true, force: true })
  const file = binary ? project.path('dist', nameOf(project)) : project.path('dist/server/index.js')
  const external = tools.flatMap((name) => ['--external', name])
  await runBun(
    binary ? binaryWords(entry, file, external, target) : bundleWords(entry, project, external),
    project.root,
  )
  if (process.exitCode) throw new CliFailure('the app could not be built')
  if (existsSync(project.path('migrations')))
    cpSync(project.path('migrations'), project.path('dist/migrations'), { recursive: true })
  const made = [file, `${file}.exe`].find((path) => existsSync(path)) ?? file
  const megabytes = (statSync(made).size / 1024 ** 2).toFixed(1)
  process.stdout.write(`built   ${relative(project.root, made)} (${megabytes} MB)\n`)
}

/** Beside `dist/migrations` as `src` is beside `migrations`. */
const bundleWords = (entry: string, project: Project, external: readonly string[]): string[] => [
  'build',
  entry,
  '--target=bun',
  '--minify-syntax',
  '--minify-whitespace',
  '--sourcemap=linked',
  `--outdir=${project.path('dist/server')}`,
  ...external,
]

const binaryWords = (
  entry: string,
  file: string,
  external: readonly string[],
  target: string | undefined,
): string[] => [
  'build',
  entry,
  '--compile',
  '--minify-syntax',
  '--minify-whitespace',
  '--sourcemap',
  `--outfile=${file}`,
  // Kwik reads .env files itself, so that it knows where a value came from.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  ...(target === undefined ? [] : [`--target=${target}`]),
  ...external,
]

function nameOf(project: Project): string {
  const { name } = JSON.parse(readFileSync(project.path('package.json'), 'utf8')) as { name?: string }
  return (name ?? basename(project.root)).replace(/^@[^/]+\//, '').replaceAll(/[^\w.-]/g, '-')
}
