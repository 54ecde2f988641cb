import { isPermissionName } from '#core/grants'
import type { Declaration, NamesOf } from './types.ts'

/**
 * Declares the permissions of an app, so that a misspelt name is a compile error. From `kwik/permissions`.
 *
 * @param declaration names, `['products:read']`, or the actions of each resource, `{ products: ['read', 'update'] }`
 * @returns the names, to be given to `permissions({ declared })`; lists are merged by spreading them
 * @throws {TypeError} when a name is not two or three lower-case segments, or is declared twice
 * @example
 * const declared = definePermissions({ products: ['read', 'update'], reports: ['read'] })
 * // readonly ('products:read' | 'products:update' | 'reports:read')[]
 */
export function definePermissions<const D extends Declaration>(declaration: D): readonly NamesOf<D>[] {
  const names: readonly string[] = isList(declaration)
    ? declaration
    : Object.entries(declaration).flatMap(([resource, actions]) => actions.map((action) => `${resource}:${action}`))
  checkNames(names)
  return Object.freeze([...names]) as readonly NamesOf<D>[]
}

const isList = (declaration: Declaration): declaration is readonly string[] => Array.isArray(declaration)

/** @throws {TypeError} for the first name that cannot be one */
export function checkNames(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (!isPermissionName(name))
      throw new TypeError(`"${name}" is no permission: write resource:action in lower case, such as products:read`)
    if (seen.has(name)) throw new TypeError(`the permission "${name}" is declared twice`)
    seen.add(name)
  }
}
