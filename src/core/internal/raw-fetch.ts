/** Under this a patched `fetch` keeps the one beneath it. */
export const beneath: unique symbol = Symbol('kwik.fetch.beneath')

type Fetch = typeof globalThis.fetch & { [beneath]?: Fetch }

/** `fetch` as the runtime has it, whatever was put around it: what telemetry itself sends leaves no trace. */
export function rawFetch(): typeof globalThis.fetch {
  let found = globalThis.fetch as Fetch
  while (found[beneath] !== undefined) found = found[beneath]
  return found
}
