import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { bytesIn, type Size } from '#core/internal/size'
import type { Sink } from '../sink.ts'
import { bufferedOutput, type Output } from './output.ts'

export interface FileSinkOptions {
  /** `./logs/app.log`; one process writes it. Full ones are `app.log.1`, `app.log.2`, the oldest last. */
  readonly path: string
  /** How large a file may grow. @default '50MB' */
  readonly size?: Size
  /** How many full files are kept. @default 5 */
  readonly keep?: number
}

/**
 * Lines to a file that is put aside when it is full. From `kwik/logging`. What waits is written when the process ends.
 *
 * @throws {TypeError} for a size that is none; {Error} when the file cannot be written
 * @example
 * createLogger({ sinks: [fileSink({ path: './logs/app.log', size: '20MB', keep: 3 })] })
 */
export function fileSink({ path, size = '50MB', keep = 5 }: FileSinkOptions): Sink {
  const most = bytesIn(size)
  if (most < 1 || !Number.isInteger(keep) || keep < 0)
    throw new TypeError('fileSink: size is above 0, and keep a whole number from 0')
  mkdirSync(dirname(path), { recursive: true })
  let file = open(path)
  let droppedBefore = 0

  const rotate = (): void => {
    // Files are written at once: after it nothing waits.
    void file.output.flush()
    droppedBefore += file.output.dropped
    closeSync(file.descriptor)
    rmSync(`${path}.${keep}`, { force: true })
    for (let at = keep - 1; at >= 1; at--)
      if (existsSync(`${path}.${at}`)) renameSync(`${path}.${at}`, `${path}.${at + 1}`)
    if (keep > 0) renameSync(path, `${path}.1`)
    else rmSync(path, { force: true })
    file = open(path)
  }

  return {
    line(text) {
      // Letters of other alphabets take more than one byte: what matters is that the file does not grow for ever.
      const bytes = Buffer.byteLength(text) + 1
      if (file.bytes > 0 && file.bytes + bytes > most) rotate()
      file.bytes += bytes
      file.output.write(text)
    },
    get dropped() {
      return droppedBefore + file.output.dropped
    },
    flush: () => file.output.flush(),
    async close() {
      await file.output.flush()
      closeSync(file.descriptor)
    },
  }
}

interface OpenFile {
  readonly descriptor: number
  readonly output: Output
  bytes: number
}

function open(path: string): OpenFile {
  const descriptor = openSync(path, 'a', 0o640)
  return { descriptor, output: bufferedOutput(descriptor), bytes: fstatSync(descriptor).size }
}
