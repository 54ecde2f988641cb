import type { Engine } from './engine/index.ts'

/** One engine; what ends in it ends in the other too. */
export function together(main: Engine, other: () => Engine | undefined): Engine {
  const both = async <T>(run: (engine: Engine) => Promise<T>): Promise<T> => {
    const beside = other()
    if (beside !== undefined) await run(beside)
    return run(main)
  }
  return {
    backend: main.backend,
    now: () => main.now(),
    peek: (key) => main.peek(key),
    look: (key, tags, options) => main.look(key, tags, options),
    put: (ticket, payload, life, made) => main.put(ticket, payload, life, made),
    hold: (tags) => main.hold(tags),
    end: (tags, hold) => both((engine) => engine.end(tags, engine === main ? hold : undefined)),
    delete: (key) => main.delete(key),
    clear: () => both((engine) => engine.clear()),
    lease: (key, ms) => main.lease(key, ms),
    close: () => main.close(),
  }
}
