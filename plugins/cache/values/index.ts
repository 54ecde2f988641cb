export type { BuiltQuery, QueryRules, TextQuery } from '../database/cached.ts'
export { Cache, type CacheParts } from './cache.ts'
export type { MethodDecorator, MethodRules } from './method.ts'
export type { CacheRules } from './rules.ts'
