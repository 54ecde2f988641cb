import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { Manager } from './package-client.ts'

/** Installs the packages of a folder. @returns whether it went well */
export function install(manager: Manager, folder: string, started: (child: ChildProcess) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(manager, ['install'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
    started(child)
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
}

/** Makes a git repository of a folder, unless it lies in one. */
export function initGit(folder: string): void {
  const inside = spawnSync('git', ['rev-parse', '--is-inside-work-tree'], { cwd: folder, stdio: 'ignore' })
  if (inside.error || inside.status === 0) return
  spawnSync('git', ['init', '--quiet'], { cwd: folder, stdio: 'ignore' })
}
