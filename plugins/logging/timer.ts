/** A measurement under way: it writes its line when it ends, once. */
export interface Timer {
  /** Writes how long it took. @param properties what the line says beside it */
  end(properties?: Readonly<Record<string, unknown>>): void
  [Symbol.dispose](): void
}

/** Measures: until `end()`, until the end of the block of `using`, or as long as a function runs. */
export interface Time {
  (name: string, properties?: Readonly<Record<string, unknown>>): Timer
  <T>(name: string, run: () => T): T
}

type Write = (message: string, properties: Readonly<Record<string, unknown>>) => void

export function timeWith(write: Write): Time {
  const begin = (name: string, given: Readonly<Record<string, unknown>> = {}): Timer => {
    const startedAt = performance.now()
    let ended = false
    const end = (more: Readonly<Record<string, unknown>> = {}): void => {
      if (ended) return
      ended = true
      const duration = Math.round((performance.now() - startedAt) * 1000) / 1000
      write(`${name} took ${duration} ms`, { ...given, ...more, operation: name, duration })
    }
    return { end, [Symbol.dispose]: () => end() }
  }
  const during = (name: string, run: () => unknown): unknown => {
    const timer = begin(name)
    const failed = (error: unknown): never => {
      timer.end({ failed: true })
      throw error
    }
    try {
      const answer = run()
      if (answer instanceof Promise)
        return answer.then((value) => {
          timer.end()
          return value
        }, failed)
      timer.end()
      return answer
    } catch (error) {
      return failed(error)
    }
  }
  return ((name: string, given?: unknown) =>
    typeof given === 'function' ? during(name, given as () => unknown) : begin(name, given as never)) as Time
}
