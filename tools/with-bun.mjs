// Runs a program of this repository with Bun, on a machine that may have Node and npm only: brings Bun from its npm
// package when there is none of the right version, and the dependencies when they are missing or not those of the lockfile.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.bun
const own = join(root, '.kwik', 'bun')

const versionOf = (bun) => spawnSync(bun, ['--version'], { encoding: 'utf8' }).stdout?.trim()
const run = (command, args, options = {}) => {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0))
}

function findBun() {
  for (const bun of ['bun', join(own, 'node_modules', '.bin', 'bun')]) if (versionOf(bun) === wanted) return bun
  console.error(`Bringing Bun ${wanted} from npm (once).`)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'package.json'), '{ "private": true }\n')
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `bun@${wanted}`], { cwd: own })
  return join(own, 'node_modules', '.bin', 'bun')
}

function bringDependencies(bun) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'bun.lock')))
    .digest('hex')
  const mark = join(root, 'node_modules', '.kwik-lock')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return
  run(bun, ['install', '--frozen-lockfile'], { stdio: ['ignore', 'ignore', 'inherit'] })
  writeFileSync(mark, hash)
}

const bun = findBun()
bringDependencies(bun)
// Programs that start `bun` themselves find the same one.
const path = bun === 'bun' ? process.env.PATH : `${join(own, 'node_modules', '.bin')}:${process.env.PATH}`
const child = spawn(bun, process.argv.slice(2), { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
