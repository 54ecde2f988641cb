export type { OpenApiDocument, Operation } from './document.ts'
export type { OpenApiOptions } from './options.ts'
export { type OpenApiPlugin, openapi } from './plugin.ts'
export type { SecurityScheme } from './security.ts'
