import { ownForm } from '#core/requirement'
import type { AnyAction } from './actions.ts'
import type { Caching } from './caching.ts'
import type { Details } from './details.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions, RouteOptions } from './options.ts'
import type { Operation } from './types.ts'

const actions: Readonly<Record<Exclude<Operation, 'upsert'>, string>> = {
  list: 'read',
  get: 'read',
  create: 'create',
  update: 'update',
  replace: 'update',
  delete: 'delete',
  bulkCreate: 'create',
  bulkUpdate: 'update',
  bulkDelete: 'delete',
  deleted: 'restore',
  restore: 'restore',
  purge: 'purge',
}
const reads: ReadonlySet<string> = new Set(['list', 'get', 'deleted'])
/** Who may do something with many rows may do it with one: what is said of the one holds for the many. */
const likeOne: { readonly [K in Operation]?: Operation } = {
  bulkCreate: 'create',
  bulkUpdate: 'update',
  bulkDelete: 'delete',
}

/** The permission that an operation asks for, and the operation of one row that it is done like. */
export const permissionFor = (operation: Operation): { readonly like?: Operation; readonly permission: string } => {
  const like = likeOne[operation]
  return { ...(like && { like }), permission: actions[operation as keyof typeof actions] }
}

/** The options of a route, as Elysia takes them. */
export interface Words {
  (operation: Operation, own: object): never
  action(name: string, action: AnyAction, own: object): never
}
type Said = RouteOptions & { readonly detail?: object }

/**
 * The options of each route: who may call it, what the app says of it, and what the document says.
 * @throws {TypeError} when anybody could write rows that say who wrote them
 */
export function wordsOf(model: Model, resource: AnyResourceOptions, details: Details, caching: Caching): Words {
  const { options = {}, idempotent = false } = resource
  const all = options as Readonly<Record<string, Said | undefined>>
  const accessTo = (operation: Operation): RouteOptions => {
    const one = likeOne[operation]
    const said = all[operation] ?? {}
    if (operation === 'upsert' && !saysAccess(said)) return both(accessTo('create'), accessTo('update'))
    if (saysAccess(said)) return accessIn(said)
    return one ? accessTo(one) : accessBy(model, resource, actions[operation as keyof typeof actions])
  }
  const both = (one: RouteOptions, other: RouteOptions): RouteOptions => {
    if (one['public'] === true && other['public'] === true) return one
    const words = [one['permission'], other['permission']]
    if (words.every((word) => word !== undefined)) return { permission: { all: [...new Set(words)] } }
    throw new TypeError(
      `resource "${model.name}": upsert creates and updates, and the options of those say who may: say it for upsert too, options: { upsert: { permission } }`,
    )
  }
  const words = (operation: string, access: RouteOptions, said: Said, detail: object, own: object): never => {
    if (access['public'] === true && !reads.has(operation) && model.audited)
      throw new TypeError(
        `resource "${model.name}": anybody may ${operation}, but the rows say who wrote them: ask for a permission, or say audit: false`,
      )
    const { detail: ownDetail, ...rest } = said
    return {
      ...own,
      ...sharedBy(resource),
      // Key and work are committed together, wherever keys are kept.
      ...(idempotent !== false && !reads.has(operation) && { idempotent, transaction: true }),
      ...rest,
      ...caching(operation, access),
      ...access,
      detail: { ...detail, ...ownDetail },
    } as never
  }
  return Object.assign(
    (operation: Operation, own: object): never => {
      const limit = all[likeOne[operation] ?? '']?.['rateLimit']
      const said = { ...(limit !== undefined && { rateLimit: limit }), ...all[operation] }
      return words(operation, accessTo(operation), withoutAccess(said), details.of[operation], own)
    },
    {
      action: (name: string, action: AnyAction, own: object): never => {
        const said: Said = action.options ?? {}
        const access =
          action.permission === undefined ? accessOf(said, model, resource, name) : { permission: action.permission }
        return words(name, access, withoutAccess(said), details.action(name, action), own)
      },
    },
  )
}

const access = ['permission', 'auth', 'public'] as const
const saysAccess = (said: RouteOptions): boolean => access.some((word) => said[word] !== undefined)
/** What the app says of a route goes before the permission that it would ask for. */
const accessIn = (said: RouteOptions): RouteOptions =>
  Object.fromEntries(access.flatMap((word) => (said[word] === undefined ? [] : [[word, said[word]]])))
const withoutAccess = (said: Said): Said =>
  Object.fromEntries(Object.entries(said).filter(([word]) => !(access as readonly string[]).includes(word)))
/** What a route asks for, where the app says nothing else. */
export const accessOf = (
  said: RouteOptions,
  model: Model,
  resource: AnyResourceOptions,
  action: string,
): RouteOptions => (saysAccess(said) ? accessIn(said) : accessBy(model, resource, action))

function accessBy(model: Model, { permissions = model.name, owner }: AnyResourceOptions, action: string): RouteOptions {
  if (permissions === false) return { public: true }
  const permission = `${permissions}:${action}`
  return { permission: owner === undefined ? permission : { any: [permission, ownForm(permission)] } }
}

/** What every route of a resource says. */
export const sharedBy = ({ rateLimit, tenant }: AnyResourceOptions): RouteOptions => ({
  ...(rateLimit !== undefined && { rateLimit }),
  ...(tenant !== undefined && { tenant: true }),
})
