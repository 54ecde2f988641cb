import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Events } from './events.ts'

// Type-level code: what each event brings is erased here.
// biome-ignore lint/suspicious/noExplicitAny: the map of events is the app's
type AnyEvents = Events<any>

export type EventsPlugin<E extends AnyEvents = AnyEvents> = KwikPlugin<{ decorator: { events: E } }>

/**
 * Hands events to handlers as `events`, lets them wait for transactions, and ends listeners when the app stops. From `kwik/events`.
 *
 * @example
 * const app = new Elysia().use(core({ database })).use(events(shopEvents))
 *   .post('/orders', ({ events }) => events.emit('order.placed', { id: 'o-1' }), { public: true })
 */
export function events<E extends AnyEvents>(all: E): EventsPlugin<E> {
  return definePlugin<EventsPlugin<E>, { readonly events: E }>({
    name: 'events',
    options: { events: all },
    keys: [],
    decorate: { events: all } as EventsPlugin<E>['~Singleton']['decorator'],
    setup: () => ({
      booted: ({ database, logger }) => all.connect({ database, logger }),
      stop: () => all.close(),
    }),
  })
}
