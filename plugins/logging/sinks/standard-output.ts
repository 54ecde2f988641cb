import type { Sink } from '../sink.ts'
import { bufferedOutput } from './output.ts'

/** Lines to standard output, many at once, without ever waiting for who reads them. From `kwik/logging`. */
export function standardOutput(): Sink {
  const output = bufferedOutput(1)
  return {
    line: (text) => output.write(text),
    get dropped() {
      return output.dropped
    },
    flush: () => output.flush(),
  }
}
