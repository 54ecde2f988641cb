import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { lstat, mkdir, open, readdir, realpath, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  checkFileName,
  type FileFacts,
  type FileRange,
  type FileStore,
  isFileName,
  pieceSize,
} from '../ports/file-store.ts'

export interface DiskFilesOptions {
  /** Where the files are; made when it is not there. Nothing else should write in it, and no server serve it. */
  readonly folder: string
}

// Descriptors, not the handles of node:fs/promises: a handle that is collected while it is open ends the process on Bun.
const openToRead = promisify(fs.open) as (path: string, flags: string) => Promise<number>
const statOf = promisify(fs.fstat) as (file: number) => Promise<fs.Stats>
const read = promisify(fs.read)
const textOf = promisify(fs.readFile) as (file: number, encoding: 'utf8') => Promise<string>
const close = promisify(fs.close)
/** A stream that somebody drops half read would keep its file open. */
const halfRead = new FinalizationRegistry<number>((file) => fs.close(file))

/** `.<name>.<random>.part`: begins with a dot, so no name of a file is like it. */
const isDraft = (entry: string): boolean => entry.startsWith('.') && entry.endsWith('.part')
/** What is known of a file is beside it. */
const factsOf = (name: string): string => `${name}.json`

/**
 * Files in a folder of this machine. A file is written under another name, forced to the disk, and renamed when it is
 * committed. From `kwik/core`.
 * @example
 * const files = diskFiles({ folder: './data/files' })
 */
export function diskFiles({ folder }: DiskFilesOptions): FileStore {
  let found: Promise<string> | undefined
  const root = (): Promise<string> => (found ??= made(folder))

  return {
    async put(name, content, facts) {
      checkFileName(name)
      const place = await root()
      const draft = join(place, `.${name}.${randomBytes(6).toString('hex')}.part`)
      const size = await written(draft, content)
      return {
        size,
        async commit() {
          const known = `${draft.slice(0, -'.part'.length)}.json.part`
          await written(known, [Buffer.from(JSON.stringify(facts))])
          await rename(known, join(place, factsOf(name)))
          await rename(draft, join(place, name))
          await synced(place)
        },
        discard: () => removed(draft),
      }
    },
    async get(name, range) {
      if (!isFileName(name)) return undefined
      const place = await root()
      const entry = await lstat(join(place, name)).catch(() => undefined)
      return entry?.isFile() ? streamOf(() => opened(place, name), range) : undefined
    },
    async stat(name) {
      const file = isFileName(name) ? await opened(await root(), name) : undefined
      if (file === undefined) return undefined
      try {
        const { size, mtimeMs } = await statOf(file)
        return { ...(await knownOf(await root(), name)), size, storedAt: mtimeMs }
      } finally {
        await close(file)
      }
    },
    async delete(name) {
      if (!isFileName(name)) return
      const place = await root()
      await removed(join(place, name))
      await removed(join(place, factsOf(name)))
    },
    async *list() {
      const place = await root()
      for (const name of await readdir(place)) {
        if (!isFileName(name)) continue
        const about = await lstat(join(place, name)).catch(() => undefined)
        if (about?.isFile()) yield { name, storedAt: about.mtimeMs }
      }
    },
    async clean(before) {
      const place = await root()
      let gone = 0
      for (const entry of await readdir(place)) {
        if (!isDraft(entry)) continue
        const path = join(place, entry)
        const about = await lstat(path).catch(() => undefined)
        if (about === undefined || about.mtimeMs >= before) continue
        await removed(path)
        gone++
      }
      return gone
    },
  }
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return realpath(folder)
}

/** Writes a new file piece by piece, and forces it to the disk. Nothing is left when that fails. @returns its bytes */
async function written(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  // `x` follows no link that somebody has put there.
  const handle = await open(path, 'wx', 0o600)
  let size = 0
  try {
    for await (const chunk of content)
      for (let at = 0; at < chunk.byteLength; at += pieceSize) {
        const piece = chunk.subarray(at, at + pieceSize)
        for (let done = 0; done < piece.byteLength; )
          done += (await handle.write(piece, done, piece.byteLength - done)).bytesWritten
        size += piece.byteLength
      }
    await handle.sync()
  } catch (error) {
    await handle.close()
    await removed(path)
    throw error
  }
  await handle.close()
  return size
}

/** A file of the folder itself: what a link points at is none. @returns its descriptor */
async function opened(root: string, name: string): Promise<number | undefined> {
  const path = join(root, name)
  try {
    const entry = await lstat(path)
    if (!entry.isFile()) return undefined
    const file = await openToRead(path, 'r')
    const same = await statOf(file)
    // Between the two looks somebody may have put a link there.
    if (same.ino === entry.ino && same.dev === entry.dev) return file
    await close(file)
    return undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function knownOf(root: string, name: string): Promise<FileFacts> {
  const file = await opened(root, factsOf(name))
  if (file === undefined) return { type: 'application/octet-stream' }
  try {
    return JSON.parse(await textOf(file, 'utf8')) as FileFacts
  } finally {
    await close(file)
  }
}

/** Opens the file when somebody begins to read. */
function streamOf(open: () => Promise<number | undefined>, range: FileRange | undefined): ReadableStream<Uint8Array> {
  let at = range?.start ?? 0
  const end = range === undefined ? Number.POSITIVE_INFINITY : range.end + 1
  let file: number | undefined
  let over = false
  const stop = async (): Promise<void> => {
    const last = file
    file = undefined
    over = true
    if (last === undefined) return
    halfRead.unregister(stream)
    await close(last)
  }
  const opening = async (): Promise<number> => {
    const first = await open()
    if (first === undefined) throw new Error('the file was deleted before it was read')
    file = first
    halfRead.register(stream, first, stream)
    return first
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        try {
          const from = file ?? (await opening())
          // Cancelled while it was opened: whoever cancelled saw nothing to close.
          if (over) return await stop()
          const piece = new Uint8Array(Math.min(pieceSize, end - at))
          const { bytesRead } = await read(from, piece, 0, piece.byteLength, at)
          if (over) return
          at += bytesRead
          if (bytesRead > 0) to.enqueue(piece.subarray(0, bytesRead))
          if (bytesRead > 0 && at < end) return
          await stop()
          to.close()
        } catch (error) {
          await stop()
          throw error
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  )
  return stream
}

async function removed(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Renames are on the disk when the folder is; not every system lets a folder be opened. */
async function synced(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // The rename has happened; only a power cut could still undo it.
  }
}

const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT'
