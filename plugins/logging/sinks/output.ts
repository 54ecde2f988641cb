import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import process from 'node:process'

/** Where finished lines go. */
export interface Output {
  write(line: string): void
  /** Lines that nobody could take so far. */
  readonly dropped: number
  /** Settles when all that was written so far has left. */
  flush(): Promise<void>
}

const chunk = 16_384
const most = 4_194_304
/** How long a line may wait for others, and a pipe that is full for its reader, in milliseconds. */
const patience = 50
const retry = 20
/** How long the last lines may take when the process ends, in milliseconds. */
const farewell = 1000

/**
 * Lines to a file descriptor, many in one write. When the reader of a pipe is slow they wait in memory, never the program,
 * up to a limit; what does not fit is counted and reported.
 */
export function bufferedOutput(descriptor: number): Output {
  let to: number | undefined
  let waiting = ''
  let leaving: Uint8Array | undefined
  let dropped = 0
  let droppedInAll = 0
  /** How much waits when the next try is due. */
  let due = chunk
  let timer: ReturnType<typeof setTimeout> | undefined
  const flushed: (() => void)[] = []

  function drain(): void {
    clearTimeout(timer)
    timer = undefined
    if (!send()) {
      due = waiting.length + chunk
      later(retry)
      return
    }
    due = chunk
    process.off('exit', lastWords)
    for (const done of flushed.splice(0)) done()
  }

  function later(ms: number): void {
    timer = setTimeout(drain, ms)
    // A program that has nothing else to do ends; its last lines are written then.
    if (flushed.length === 0) timer.unref()
  }

  /** Whether everything could be written. */
  function send(): boolean {
    while (leaving !== undefined || waiting !== '') {
      leaving ??= encoder.encode(take())
      try {
        to ??= unblocked(descriptor)
        const written = writeSync(to, leaving)
        leaving = written < leaving.length ? leaving.subarray(written) : undefined
      } catch (error) {
        if ((error as { code?: unknown }).code === 'EAGAIN') return false
        drop(linesIn(leaving!))
        leaving = undefined
      }
    }
    return true
  }

  function drop(lines: number): void {
    dropped += lines
    droppedInAll += lines
  }

  function take(): string {
    const report = dropped === 0 ? '' : `${droppedLine(dropped)}\n`
    dropped = 0
    const text = report + waiting
    waiting = ''
    return text
  }

  function lastWords(): void {
    const until = Date.now() + farewell
    while (!send() && Date.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }

  return {
    write(line) {
      if (waiting.length + (leaving?.length ?? 0) > most) {
        drop(1)
        return
      }
      if (waiting === '' && leaving === undefined) process.on('exit', lastWords)
      waiting += `${line}\n`
      if (waiting.length >= due) drain()
      else if (timer === undefined) later(patience)
    },
    get dropped() {
      return droppedInAll
    },
    flush: () =>
      new Promise((done) => {
        flushed.push(done)
        drain()
      }),
  }
}

/** A pipe opened anew can be written without waiting for its reader, and without changing it for those who share it. */
function unblocked(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return descriptor
  }
}

const encoder = new TextEncoder()
const linesIn = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => (byte === 10 ? sum + 1 : sum), 0)
const droppedLine = (count: number): string =>
  JSON.stringify({
    time: new Date().toISOString(),
    level: 'warning',
    logger: 'kwik.logging',
    message: 'log lines were dropped: nobody read them in time',
    dropped: count,
  })
