import type { ChildProcess } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'
import { isFree, moveInto, stagingOf, takeBack } from './folder.ts'
import { type Manager, managerOf } from './package-client.ts'
import { initGit, install } from './programs.ts'
import { answersTo } from './questions.ts'
import { Refusal } from './refusal.ts'
import { writeApp } from './template.ts'
import { readWords, usage } from './words.ts'

/**
 * Makes an app: whole, or not at all.
 *
 * @param inputs the words of the command line
 * @throws {Refusal} when it is not made
 */
export async function create(inputs: readonly string[]): Promise<void> {
  const words = readWords(inputs)
  const version = await ownVersion()
  if (words.help) return print(usage)
  if (words.version) return print(`${version}\n`)
  const answers = await answersTo(words)
  const folder = resolve(answers.folder)
  const existed = await isFree(folder)
  const manager = managerOf(process.env['npm_config_user_agent'])
  const staging = stagingOf(folder)
  let moved = false
  let child: ChildProcess | undefined
  const leave = async (): Promise<never> => {
    child?.kill()
    await rm(staging, { recursive: true, force: true })
    if (moved) await takeBack(folder, existed)
    process.exit(130)
  }
  process.once('SIGINT', leave)
  process.once('SIGTERM', leave)
  try {
    await mkdir(dirname(staging), { recursive: true })
    await writeApp(staging, { name: nameOf(folder), version, db: answers.db, bringBun: manager !== 'bun' })
    moved = true
    await moveInto(staging, folder, existed)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw refusalOf(error, folder)
  }
  if (words.git) initGit(folder)
  const installed = words.install && (await install(manager, folder, (one) => (child = one)))
  process.off('SIGINT', leave)
  process.off('SIGTERM', leave)
  print(nextSteps(folder, manager, installed, words.install))
}

const print = (text: string): void => void process.stdout.write(text)

async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}

/** A name that every package manager takes. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name || 'kwik-app'
}

function refusalOf(error: unknown, folder: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === undefined) return error
  return new Refusal(
    `${folder} cannot be written: ${['EACCES', 'EPERM', 'EROFS'].includes(code) ? 'it is read-only' : code}`,
  )
}

function nextSteps(folder: string, manager: Manager, installed: boolean, wanted: boolean): string {
  const where = relative(process.cwd(), folder)
  const run = manager === 'bun' ? 'bun run' : `${manager} run`
  const steps = [
    ...(where === '' ? [] : [`cd ${/[^\w./-]/.test(where) ? `'${where.replaceAll("'", "'\\''")}'` : where}`]),
    ...(installed ? [] : [`${manager} install`]),
    `${run} dev`,
  ]
  const missed =
    wanted && !installed
      ? `The packages could not be installed; the app is there. Run "${manager} install" when the registry answers.\n`
      : ''
  return `${missed}\nMade ${folder}\n\n${steps.map((step) => `  ${step}`).join('\n')}\n\nA resource: ${manager === 'npm' ? 'npx' : manager} kwik generate resource product name:string! price:decimal:10.2\n`
}
