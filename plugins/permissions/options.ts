import { checkNames } from './names.ts'

/** Options of `permissions()`. */
export interface PermissionsOptions<Name extends string = string> {
  /** Every permission that a route may ask for, as `definePermissions` gives them. */
  readonly declared: readonly Name[]
  /**
   * Answer 404 where `own()` finds something of somebody else, as if it were not there; `false` answers 403, also for what
   * is not there.
   * @default true
   */
  readonly hideForbidden?: boolean
  /** Permissions that count only for who holds them in every tenant: a tenant's role never grants them. @default none */
  readonly everywhere?: readonly string[]
}

export interface ResolvedPermissionsOptions {
  readonly declared: ReadonlySet<string>
  readonly hideForbidden: boolean
  readonly everywhere: ReadonlySet<string>
}

/** @throws {TypeError} when a name is not `resource:action`, or is declared twice */
export function resolvePermissionsOptions({
  declared,
  hideForbidden = true,
  everywhere = [],
}: PermissionsOptions): ResolvedPermissionsOptions {
  checkNames(declared)
  return { declared: new Set(declared), hideForbidden, everywhere: new Set(everywhere) }
}
