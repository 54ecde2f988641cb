import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { execute, type Outcome } from '../cli/command.ts'

/** A package registry on loopback. What it does not have it takes from the registry that the package client uses. */
export interface Registry {
  readonly url: string
  /** Settings of bun and npm that make them use it, and nothing that was cached. */
  readonly env: Readonly<Record<string, string>>
  publish(folder: string): Promise<Outcome>
  stop(): void
}

export async function startRegistry(folder: string): Promise<Registry> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(folder)))
  const manifest = createRequire(import.meta.url).resolve('verdaccio/package.json')
  const child = spawn(
    'bun',
    [
      '--bun',
      join(dirname(manifest), 'bin/verdaccio'),
      '--config',
      join(folder, 'config.json'),
      '--listen',
      `127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  await answers(`${url}-/ping`, child)
  return {
    url,
    env: {
      BUN_CONFIG_REGISTRY: url,
      npm_config_registry: url,
      BUN_INSTALL_CACHE_DIR: join(folder, 'cache'),
      npm_config_cache: join(folder, 'npm-cache'),
      // `bun create` keeps what it ran here for a day.
      TMPDIR: join(folder, 'tmp'),
      BUN_TMPDIR: join(folder, 'tmp'),
    },
    publish: (from) => {
      writeFileSync(join(from, '.npmrc'), `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`)
      return execute('bun', ['publish', '--tag', 'latest'], { cwd: from })
    },
    stop: () => void child.kill(),
  }
}

/** YAML takes JSON. Only our own two packages are ever published here. */
function configOf(folder: string): object {
  const upstream = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim()
  const own = { access: '$all', publish: '$anonymous' }
  return {
    storage: join(folder, 'storage'),
    uplinks: { upstream: { url: upstream, cache: true } },
    packages: { kwik: own, 'create-kwik': own, '**': { access: '$all', proxy: 'upstream' } },
    max_body_size: '50mb',
    log: { type: 'stdout', level: 'fatal' },
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Waits until a URL answers; a program that ended instead is an error. */
export async function answers(url: string, child: ChildProcess, patience = 20_000): Promise<void> {
  const end = Date.now() + patience
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${url} did not answer`)
}

/** Gives both packages a version of this run, so that nothing of another run is taken for them. */
export function stampVersions(folders: readonly string[]): string {
  const stamp = `-e2e.${Date.now()}`
  let version = ''
  for (const folder of folders) {
    const file = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    version = `${manifest.version}${stamp}`
    writeFileSync(file, JSON.stringify({ ...manifest, version }, null, 2))
  }
  return version
}
