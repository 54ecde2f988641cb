/** What is known of a file beside its bytes. */
export interface FileFacts {
  /** Media type, as it was checked: `image/png`. */
  readonly type: string
  /** What the client called it: for `Content-Disposition`, never a path. */
  readonly filename?: string
}

export interface StoredFile extends FileFacts {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly storedAt: number
}

/** A file that was written whole and that nobody sees yet. */
export interface FileDraft {
  /** Bytes. */
  readonly size: number
  /** Makes it the file of its name. */
  commit(): Promise<void>
  discard(): Promise<void>
}

/** First and last byte, both included. */
export interface FileRange {
  readonly start: number
  readonly end: number
}

/**
 * Keeps files by names that Kwik makes. Adapters: `diskFiles()` and `memoryFiles()`; test/contracts/file-store.ts says what
 * all of them hold to. A name that {@link isFileName} does not know is no file of the store, whatever it leads to.
 */
export interface FileStore {
  /**
   * Writes a draft. What `content` throws is thrown on, and nothing is left.
   * @throws {TypeError} for a name that is none
   */
  put(name: string, content: AsyncIterable<Uint8Array>, facts: FileFacts): Promise<FileDraft>
  /** The bytes, in pieces; `undefined` when there is no such file. */
  get(name: string, range?: FileRange): Promise<ReadableStream<Uint8Array> | undefined>
  stat(name: string): Promise<StoredFile | undefined>
  /** Deleting what is not there is no error. */
  delete(name: string): Promise<void>
  list(): AsyncIterable<{ readonly name: string; readonly storedAt: number }>
  /** Removes drafts that nobody finished, begun before a time. @returns how many there were */
  clean(before: number): Promise<number>
}

/** Largest piece in which files are written and read. */
export const pieceSize: number = 65_536

/** Lower-case letters, digits and dashes, and one extension: no name of a path has this form. */
export const isFileName = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}\.[a-z0-9]{1,8}$/.test(name)

/** @throws {TypeError} for what is no name of a file; it may be hostile, so it is not repeated */
export function checkFileName(name: string): void {
  if (!isFileName(name)) throw new TypeError('that is no name of a stored file: they are made by Kwik')
}
