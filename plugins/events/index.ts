export { defineEvents, type Emitted, type EventMap, Events, type Listener } from './events.ts'
export { type EventsPlugin, events } from './plugin.ts'
