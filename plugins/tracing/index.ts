export type { TracingOptions } from './options.ts'
export { type TracingPlugin, tracing } from './plugin.ts'
export { continueTrace, record, traced, traceHeaders } from './record.ts'
export { TracingSwitch } from './switch.ts'
