import { type Slot, slot } from '../scope.ts'

/**
 * Set on a request whose version of the API, or whose route, is deprecated: by versioning, for who measures. The version itself is
 * `scope.version`.
 */
export const deprecatedUse: Slot<true> = slot('deprecated use')
