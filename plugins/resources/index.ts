export type { Change, Hooks, ResourceOfShape, ResourceOptions, RouteOptions } from './options.ts'
export { resource } from './plugin.ts'
export type { Resource, ResourceRoutes } from './routes.types.ts'
export type { Caller, CreateOf, FieldRule, Operation, ReplaceOf, ResourceService, UpdateOf } from './types.ts'
