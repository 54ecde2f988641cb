export { type CoreOptions, type CorePlugin, core, requireCaller, unauthenticated } from './access.ts'
export { type DiskFilesOptions, diskFiles } from './adapters/disk-files.ts'
export { memoryFiles } from './adapters/memory-files.ts'
export { type MemoryStoreOptions, memoryStore } from './adapters/memory-store.ts'
export { openRedis, type RedisOptions } from './adapters/redis.ts'
export { redisAnnouncements } from './adapters/redis-announcements.ts'
export { type RedisScript, redisScript } from './adapters/redis-script.ts'
export { redisStore } from './adapters/redis-store.ts'
export { Beliefs, type BeliefsOptions } from './beliefs.ts'
export { boot } from './boot.ts'
export { BootError } from './boot-error.ts'
export { currentScope, inScope } from './context.ts'
export { refuse } from './errors.ts'
export { guarded, open } from './foreign.ts'
export { holds } from './grants.ts'
export type { Duration } from './internal/duration.ts'
export { nonceOf } from './internal/nonce.ts'
export type { Size } from './internal/size.ts'
export { stopGracefully } from './lifecycle.ts'
export type { PhaseTimes } from './phase-times.ts'
export { type Call, looksAtScope, mayWait, type Phase, phases, type Steps } from './phases.ts'
export { definePlugin, type KwikPlugin, type Macro, type Parts, type PluginOptions } from './plugin.ts'
export type { Announcements } from './ports/announcements.ts'
export type { Authenticator } from './ports/authenticator.ts'
export type { Clock } from './ports/clock.ts'
export type { Database, Dialect, Field, FieldType, TableDefinition, TableLike } from './ports/database.ts'
export type { FieldNaming, TableNaming } from './ports/field-naming.ts'
export {
  checkFileName,
  type FileDraft,
  type FileFacts,
  type FileRange,
  type FileStore,
  isFileName,
  type StoredFile,
} from './ports/file-store.ts'
export type { KeyValue } from './ports/key-value.ts'
export type { Logger, LogLevel } from './ports/logger.ts'
export type { Mailer, Message } from './ports/mailer.ts'
export type { Account, Principals } from './ports/principals.ts'
export type { ObservedQuery, PoolUse, QueryObserver } from './ports/query-observer.ts'
export type { Random } from './ports/random.ts'
export { type Redis, type RedisTrouble, RedisUnavailable, type Subscriber } from './ports/redis.ts'
export type { SecurityEvent, SecurityEventDetails, SecurityEvents, SecurityEventType } from './ports/security-events.ts'
export type { SessionInfo, SessionSubject, Sessions, TokenAnswer } from './ports/sessions.ts'
export type { IssuedToken, TokenIssuer, TokenSubject } from './ports/token-issuer.ts'
export {
  defineProblems,
  type Problem,
  ProblemError,
  type ProblemExtra,
  type ProblemIssue,
  type ProblemKind,
  problemCodes,
  type Refuse,
} from './problem.ts'
export {
  type End,
  type Principal,
  Scope,
  type Slot,
  scopeOf,
  slot,
  type TraceIds,
  type User,
  type Way,
} from './scope.ts'
export { type Copies, endTags, hasCopies, keepCopies } from './tags.ts'
export type { Admission, BootedApp, CoreSettings, Neighbours, RouteFacts, Works } from './works.ts'
