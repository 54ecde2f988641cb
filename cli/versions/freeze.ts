import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliFailure } from '../failure.ts'
import { knownVersion, type VersionedApp, versionedApp } from './app.ts'
import { differences, inLines } from './difference.ts'
import { edenTypes } from './eden-types.ts'

export interface Freezing {
  /** Folder of the frozen files, from the app's root. */
  readonly dir: string
  readonly check: boolean
  readonly force: boolean
}

interface Frozen {
  readonly version: string
  readonly file: string
  readonly text: string
  readonly types: { readonly file: string; readonly text: string }
}

/**
 * Writes the API document of each released version, and its types for Eden, to files that are kept with the code. Where a
 * file is there and says something else, the version of somebody's client has changed: that fails, with the difference.
 *
 * @param names versions to freeze; without any, all that are released
 */
export async function freezeVersions(names: readonly string[], { dir, check, force }: Freezing): Promise<void> {
  const app = await versionedApp()
  const wanted = names.length > 0 ? names.map((name) => knownVersion(app, name)) : releasedIn(app)
  const all = wanted.map((version) => frozenOf(app, dir, version))
  const broken = all.flatMap((one) => changesOf(one, check))
  if (broken.length > 0 && !force) {
    process.stdout.write(`${broken.join('\n')}\n`)
    throw new CliFailure(
      check
        ? `the API is not what ${dir}/ says: see above. Write "kwik versions freeze --force" when it is meant`
        : 'a released version would change for its clients: see above. Declare a change(), or say --force when it is meant',
    )
  }
  if (check) {
    process.stdout.write(`unchanged  ${wanted.join(', ')}\n`)
    return
  }
  for (const { file, text, types } of all)
    for (const one of [{ file, text }, types]) write(app.project.path(one.file), one)
}

const releasedIn = ({ api }: VersionedApp): string[] => {
  const now = Date.now()
  return api
    .living(now)
    .filter(({ released }) => released <= now)
    .map(({ name }) => name)
}

function frozenOf(app: VersionedApp, dir: string, version: string): Frozen {
  const document = app.document(version)
  return {
    version,
    file: join(dir, `v${version}.json`),
    text: `${JSON.stringify(document, null, 2)}\n`,
    types: { file: join(dir, `v${version}.ts`), text: edenTypes(document, version, app.api.vendor.of(version)) },
  }
}

/** What is different from what was frozen; a file that is missing counts where all are to be there. */
function changesOf({ version, file, text, types }: Frozen, mustBeThere: boolean): string[] {
  if (!existsSync(file)) return mustBeThere ? [`missing  ${file}`] : []
  const lines = inLines(differences(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(text)))
  if (lines.length > 0) return [`version ${version} is not what ${file} says:`, ...lines.map((line) => `  ${line}`)]
  const known = existsSync(types.file) ? readFileSync(types.file, 'utf8') : undefined
  return mustBeThere && known !== types.text ? [`${known === undefined ? 'missing' : 'stale'}  ${types.file}`] : []
}

function write(path: string, { file, text }: { readonly file: string; readonly text: string }): void {
  const known = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (known === text) return
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  process.stdout.write(`${known === undefined ? 'create' : 'change'}  ${file}\n`)
}
