import { spawnSync } from 'node:child_process'
import { chmod, cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Makes what is published, from the sources:
 * `build/package` (kwik: JavaScript and declarations) and `build/create-kwik` (one file and the template).
 *
 *     bun tools/build-package.ts [folder]
 */
const root = fileURLToPath(new URL('..', import.meta.url))

interface Manifest {
  [key: string]: unknown
  version: string
  exports: Record<string, string>
  imports: Record<string, string>
  bin: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

/** @param build folder to write to */
export async function buildPackages(build: string = join(root, 'build')): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
  await buildKwik(join(build, 'package'), manifest)
  await buildCreateKwik(join(build, 'create-kwik'), manifest.version)
}

async function buildKwik(folder: string, source: Manifest): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  run('tsc', ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')])
  await cp(join(root, 'cli/templates/resource'), join(folder, 'dist/cli/templates/resource'), { recursive: true })
  for await (const asset of glob('{src,plugins}/**/*.{html,css,svg,json}', { cwd: root })) {
    await mkdir(dirname(join(folder, 'dist', asset)), { recursive: true })
    await cp(join(root, asset), join(folder, 'dist', asset))
  }
  const { scripts, devDependencies, overrides, private: _, ...kept } = source
  const manifest = {
    ...kept,
    files: ['dist'],
    exports: Object.fromEntries(Object.entries(source.exports).map(([path, file]) => [path, compiled(file)])),
    imports: Object.fromEntries(
      Object.entries(source.imports)
        .filter(([, file]) => !file.startsWith('./test/'))
        .map(([path, file]) => [path, compiled(file)]),
    ),
    bin: Object.fromEntries(Object.entries(source.bin).map(([name, file]) => [name, scriptOf(file)])),
    // Makes migrations, in the apps that do.
    peerDependencies: { 'drizzle-kit': devDependencies['drizzle-kit'] },
    peerDependenciesMeta: { 'drizzle-kit': { optional: true } },
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  for (const file of Object.values(manifest.bin)) await chmod(join(folder, file), 0o755)
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) await cp(join(root, file), join(folder, file))
}

async function buildCreateKwik(folder: string, version: string): Promise<void> {
  const from = join(root, 'cli/create-kwik')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  run('bun', [
    'build',
    join(from, 'create.ts'),
    '--target=node',
    '--external=@clack/prompts',
    `--outfile=${join(folder, 'create.js')}`,
  ])
  await chmod(join(folder, 'create.js'), 0o755)
  await cp(join(from, 'template'), join(folder, 'template'), { recursive: true })
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  await cp(join(from, 'README.md'), join(folder, 'README.md'))
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as Manifest
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`)
}

/** `./src/index.ts` as the file that node runs. */
const scriptOf = (file: string): string => file.replace(/^\.\//, './dist/').replace(/\.ts$/, '.js')

function compiled(file: string): string | { types: string; default: string } {
  if (!file.endsWith('.ts')) return file
  return { types: scriptOf(file).replace(/\.js$/, '.d.ts'), default: scriptOf(file) }
}

function run(program: string, words: readonly string[]): void {
  const path = join(root, 'node_modules/.bin')
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path}:${process.env['PATH']}` },
  })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} failed:\n${stdout}${stderr}`)
}

if (import.meta.main) await buildPackages(process.argv[2])
