import { checkFileName, type FileFacts, type FileStore, pieceSize, type StoredFile } from '../ports/file-store.ts'

interface Entry extends StoredFile {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Files in this process's memory: for tests. From `kwik/core`. */
export function memoryFiles(): FileStore {
  const entries = new Map<string, Entry>()
  return {
    async put(name, content, facts) {
      checkFileName(name)
      const pieces: Uint8Array[] = []
      for await (const piece of content) pieces.push(piece.slice())
      const bytes = new Uint8Array(Buffer.concat(pieces))
      return {
        size: bytes.byteLength,
        commit: async () => void entries.set(name, entryOf(bytes, facts)),
        discard: async () => {},
      }
    },
    async get(name, range) {
      const bytes = entries.get(name)?.bytes
      if (bytes === undefined) return undefined
      const wanted = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
      let at = 0
      return new ReadableStream({
        pull(to) {
          if (at >= wanted.byteLength) return to.close()
          to.enqueue(wanted.slice(at, at + pieceSize))
          at += pieceSize
        },
      })
    },
    async stat(name) {
      const entry = entries.get(name)
      if (entry === undefined) return undefined
      const { bytes: _, ...known } = entry
      return known
    },
    async delete(name) {
      entries.delete(name)
    },
    async *list() {
      for (const [name, { storedAt }] of [...entries]) yield { name, storedAt }
    },
    clean: async () => 0,
  }
}

const entryOf = (bytes: Uint8Array<ArrayBuffer>, facts: FileFacts): Entry => ({
  ...facts,
  bytes,
  size: bytes.byteLength,
  storedAt: Date.now(),
})
