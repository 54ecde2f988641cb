export type { Action, ActionContext } from './actions.types.ts'
export type { ResourceCache } from './caching.ts'
export type { FileRule } from './files/options.ts'
export { type SweepOptions, sweepFiles } from './files/sweep.ts'
export type { HistoryOptions } from './history/options.ts'
export {
  type FieldChange,
  type HistoryFields,
  type HistoryTable,
  historyTable,
  type Redacted,
} from './history/table.ts'
export type { HistoryEntry, HistoryQuery } from './history/types.ts'
export type { Claim, KeyStore, Taken } from './idempotency/key-store.ts'
export { type MemoryKeysOptions, memoryKeys } from './idempotency/memory-keys.ts'
export type { IdempotencyOptions, IdempotentRoute } from './idempotency/options.ts'
export { type IdempotencyPlugin, idempotency } from './idempotency/plugin.ts'
export { redisKeys } from './idempotency/redis-keys.ts'
export { type SqlKeysOptions, sqlKeys } from './idempotency/sql-keys.ts'
export { idempotencyKeys } from './idempotency/table.ts'
export type { BulkOptions, Change, Hooks, ResourceOfShape, ResourceOptions, RouteOptions } from './options.ts'
export { resource } from './plugin.ts'
export type { Resource, ResourceRoutes } from './routes.types.ts'
export type { BulkService, By, Made, Outcome, ResourceService, SoftService } from './service.types.ts'
export type {
  Caller,
  CreateOf,
  Expecting,
  FieldRule,
  MaybeUserCtx,
  NoUserCtx,
  Operation,
  ReplaceOf,
  UpdateOf,
  UserCtx,
} from './types.ts'
