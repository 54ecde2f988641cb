import type { Detail } from './details.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions, RouteOptions } from './options.ts'
import type { Operation } from './types.ts'

const actions: Readonly<Record<Operation, string>> = {
  list: 'read',
  get: 'read',
  create: 'create',
  update: 'update',
  replace: 'update',
  delete: 'delete',
}

/**
 * The options of each route: who may call it, what the app says of it, and what the document says.
 * @throws {TypeError} when anybody could write rows that say who wrote them
 */
export function wordsOf(
  model: Model,
  { permissions = model.name, options = {}, rateLimit, idempotent = false }: AnyResourceOptions,
  details: Readonly<Record<Operation, Detail>>,
): (operation: Operation, own: object) => never {
  return (operation, own) => {
    const { detail, ...said } = (options[operation] ?? {}) as RouteOptions & { detail?: Detail }
    const access = accessOf(said, permissions, actions[operation])
    if (access['public'] === true && actions[operation] !== 'read' && model.audited)
      throw new TypeError(
        `resource "${model.name}": anybody may ${operation}, but the rows say who wrote them: ask for a permission, or say audit: false`,
      )
    return {
      ...own,
      ...(rateLimit !== undefined && { rateLimit }),
      // Key and work are committed together, wherever keys are kept.
      ...(idempotent !== false && actions[operation] !== 'read' && { idempotent, transaction: true }),
      ...access,
      ...said,
      detail: { ...details[operation], ...detail },
    } as never
  }
}

/** What the app says of a route goes before the permission that it would ask for. */
export function accessOf(said: RouteOptions, permissions: string | false, action: string): RouteOptions {
  if (said['permission'] !== undefined || said['auth'] !== undefined || said['public'] !== undefined)
    return said['public'] === true ? { public: true } : {}
  return permissions === false ? { public: true } : { permission: `${permissions}:${action}` }
}
