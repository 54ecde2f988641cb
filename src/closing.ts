import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Redis } from '#core/ports/redis'

/** Closes, when the app stops, the connection that `kwik({ redis: url })` opened itself. */
export function closing(redis: Redis): KwikPlugin<{}> {
  return definePlugin<KwikPlugin<{}>, { readonly redis: Redis }>({
    name: 'redis',
    options: { redis },
    keys: [],
    setup: () => ({ stop: () => redis.close() }),
  })
}
