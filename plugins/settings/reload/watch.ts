import { createHash } from 'node:crypto'
import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { namesInFolder } from '../layers/text.ts'

export interface WatchTimes {
  /** Milliseconds between two looks at the files: file systems of networks and containers tell nobody of changes. */
  readonly poll: number
  /** Milliseconds of silence after a change: editors and deployments write in several steps. */
  readonly debounce: number
}

/** What there is to watch; asked anew at each look, since files come and go. */
export interface Watched {
  paths(): readonly string[]
  /** When secrets have to be read anew, in milliseconds since 1970. */
  expires(): number
  /** @param fresh whether secrets that are still good shall be asked for too */
  reload(fresh: boolean): Promise<unknown>
}

/** Watches folders, looks at contents, listens to SIGHUP and to the end of secrets. Keeps no process alive. */
export function watchSettings(watched: Watched, { poll, debounce }: WatchTimes): () => void {
  let seen = fingerprint(watched.paths())
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let busy = false
  const reload = async (fresh: boolean): Promise<void> => {
    busy = true
    await watched.reload(fresh)
    busy = false
  }
  const look = (): void => {
    const now = fingerprint(watched.paths())
    if (now === seen || stopped) return
    seen = now
    // A file that is being written is looked at again before it counts.
    clearTimeout(timer)
    timer = setTimeout(settle, debounce)
  }
  const settle = (): void => {
    const now = fingerprint(watched.paths())
    if (now === seen) void reload(false)
    else {
      seen = now
      timer = setTimeout(settle, debounce)
    }
  }
  const interval = setInterval(() => {
    look()
    if (!busy && watched.expires() <= Date.now()) void reload(false)
  }, poll)
  const onSignal = (): void => void reload(true)
  const watchers = foldersOf(watched.paths()).flatMap((folder) => watcherOf(folder, look))
  for (const one of [interval, ...watchers]) (one as { unref?: () => void }).unref?.()
  process.on('SIGHUP', onSignal)
  return () => {
    stopped = true
    clearInterval(interval)
    clearTimeout(timer)
    process.off('SIGHUP', onSignal)
    for (const one of watchers) one.close()
  }
}

/** Folders, never files: a file that is replaced by another one is watched no more. */
const foldersOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => (isFolder(path) ? path : dirname(path)))),
]

function watcherOf(folder: string, look: () => void): FSWatcher[] {
  try {
    return [watch(folder, { persistent: false }, look).on('error', () => {})]
  } catch {
    // It is not there, or the system gives no more of them: polling sees it.
    return []
  }
}

const deepest = 8
const largest = 4 << 20

/** A hash of what is in files and folders. */
export function fingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256')
  const add = (path: string, depth: number): void => {
    if (isFolder(path)) {
      if (depth < deepest)
        for (const name of namesInFolder(path)) if (!name.startsWith('.')) add(join(path, name), depth + 1)
      return
    }
    try {
      if (statSync(path).size > largest) return
      hash.update(`\0${path}\0`).update(readFileSync(path))
    } catch {
      // Not there: its path is not in the hash.
    }
  }
  for (const path of paths) add(path, 0)
  return hash.digest('hex')
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
