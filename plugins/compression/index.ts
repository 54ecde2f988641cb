export type { CompressionOptions, Encoding, RouteCompression } from './options.ts'
export { type CompressionPlugin, compression } from './plugin.ts'
