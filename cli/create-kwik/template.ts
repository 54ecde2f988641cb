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
  for (const name of ['.gitignore', '.env.example', '.env.test', 'bunfig.toml'])
    await rename(join(folder, `_${name.replace(/^\./, '')}`), join(folder, name))
  await edit(join(folder, 'package.json'), (text) => {
    const manifest = JSON.parse(text) as Manifest
    manifest.name = name
    manifest.dependencies['kwik'] = version
    if (!bringBun) delete manifest.devDependencies['bun']
    return `${JSON.stringify(manifest, null, 2)}\n`
  })
  await edit(join(folder, 'README.md'), (text) => (bringBun ? byNpm(text) : text).replaceAll('kwik-app', name))
  await edit(join(folder, 'src/platform.ts'), (text) => text.replaceAll('kwik-app', name))
  await edit(join(folder, '.env.example'), (text) => text.replaceAll('kwik-app', name))
  if (db === 'postgres')
    await writeFile(join(folder, '.env.local'), postgresOf(await readFile(join(folder, '.env.example'), 'utf8')))
}

/** The commands of a README where bun is in `node_modules` only. */
const byNpm = (text: string): string =>
  text
    .replaceAll(/\bbun run /g, 'npm run ')
    .replaceAll(/\bbun kwik /g, 'npx kwik ')
    .replaceAll(/\bbun test/g, 'npm test')

/** The line of the example that puts the app on PostgreSQL. */
const postgresOf = (example: string): string => `${/^# ?(DATABASE_URL=postgres.*)$/m.exec(example)?.[1]}\n`

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')))
}
