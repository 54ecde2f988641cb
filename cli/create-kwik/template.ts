import { randomBytes } from 'node:crypto'
import { cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DatabaseChoice } from './words.ts'

export interface Facts {
  readonly name: string
  /** Version of kwik to depend on: they are published together. */
  readonly version: string
  readonly db: DatabaseChoice
  /** Whether the app has to bring bun along, since another package manager installs it. */
  readonly bringBun: boolean
}

interface Manifest {
  name: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/** Writes the files of a new app. */
export async function writeApp(folder: string, { name, version, db, bringBun }: Facts): Promise<void> {
  await cp(fileURLToPath(new URL('./template', import.meta.url)), folder, { recursive: true })
  // Package managers rename or drop these when they pack them.
  await rename(join(folder, '_gitignore'), join(folder, '.gitignore'))
  await rename(join(folder, '_env.example'), join(folder, '.env.example'))
  await edit(join(folder, 'package.json'), (text) => {
    const manifest = JSON.parse(text) as Manifest
    manifest.name = name
    manifest.dependencies['kwik'] = version
    if (!bringBun) delete manifest.devDependencies['bun']
    return `${JSON.stringify(manifest, null, 2)}\n`
  })
  await edit(join(folder, 'README.md'), (text) => text.replaceAll('kwik-app', name))
  const example = (await readFile(join(folder, '.env.example'), 'utf8')).replaceAll('kwik-app', name)
  await writeFile(join(folder, '.env.example'), example)
  await writeFile(join(folder, '.env'), settingsOf(example, db), { mode: 0o600 })
}

/** The settings of this machine: a secret of its own, and the database that was chosen. */
function settingsOf(example: string, db: DatabaseChoice): string {
  const secret = randomBytes(32).toString('base64url')
  const filled = example.replace(/^TOKENS_SECRET=.*$/m, `TOKENS_SECRET=${secret}`)
  return db === 'postgres' ? filled.replace(/^# ?(DATABASE_URL=postgres.*)$/m, '$1') : filled
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}
