import { definePlugin, type KwikPlugin } from '#core/plugin'

/** What `kwik()` itself opened. */
export interface Closable {
  close(): Promise<void>
}

/** Closes, when the app stops, what `kwik()` opened itself, one after the other. */
export function closing(opened: readonly Closable[]): KwikPlugin<{}> {
  return definePlugin<KwikPlugin<{}>, { readonly opened: readonly Closable[] }>({
    name: 'closing',
    options: { opened },
    keys: [],
    setup: () => ({
      stop: async () => {
        for (const one of opened) await one.close()
      },
    }),
  })
}
