export type { Check, HealthOptions } from './options.ts'
export { type HealthPlugin, health } from './plugin.ts'
