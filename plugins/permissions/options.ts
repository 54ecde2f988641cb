import { checkNames } from './names.ts'

/** Options of `permissions()`. */
export interface PermissionsOptions<Name extends string = string> {
  /** Every permission that a route may ask for, as `definePermissions` gives them. */
  readonly declared: readonly Name[]
}

export interface ResolvedPermissionsOptions {
  readonly declared: ReadonlySet<string>
}

/** @throws {TypeError} when a name is not `resource:action`, or is declared twice */
export function resolvePermissionsOptions({ declared }: PermissionsOptions): ResolvedPermissionsOptions {
  checkNames(declared)
  return { declared: new Set(declared) }
}
