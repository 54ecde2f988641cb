import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import { fieldsOf } from '#core/table/fields'
import type { RowScope } from '../shaping/index.ts'
import type { Actor } from './actor.ts'
import type { Model } from './model.ts'
import type { AnyResourceOptions, RouteOptions } from './options.ts'
import { permissionFor } from './route-words.ts'
import { givenBy } from './row-scope.ts'
import type { FieldRule, Operation } from './types.ts'

type ListScope = ((actor: Actor) => RowScope | readonly RowScope[]) | undefined

/** Which rows there are for a caller, and what a new one is given. */
export interface Ownership {
  /** Whether anything but their absence keeps rows from a caller. */
  readonly isScoped: boolean
  /** What the resource itself asks of a row: its scope, its owner, its tenant. */
  own(actor: Actor): readonly RowScope[]
  /** The same with what its list asks. */
  all(actor: Actor): readonly RowScope[]
  /** Values of a new row where nobody says others: those of the scopes, and its owner. */
  given(actor: Actor): ReadonlyMap<Field, unknown>
}

/**
 * @param ofList the scope of the list, which holds for single rows too
 * @throws {TypeError} for an owner or a tenant that is no field
 */
export function ownershipOf(model: Model, options: AnyResourceOptions, ofList: ListScope): Ownership {
  const { scope } = options
  const [owner, tenant] = [fieldOf(model, options, 'owner'), fieldOf(model, options, 'tenant')]
  const reaches = owner && reachesOf(model, options)
  const ownScope = (actor: Actor): RowScope => {
    if (owner === undefined || reaches!(actor)) return undefined
    return actor.principal !== null && { [owner.name]: idAs(owner, actor.principal.id) }
  }
  const own = (actor: Actor): readonly RowScope[] => {
    const rows: RowScope[] = [scope?.(actor)]
    if (tenant) rows.push(actor.tenant !== undefined && { [tenant.name]: actor.tenant })
    if (owner) rows.push(ownScope(actor))
    return rows
  }
  const all = (actor: Actor): readonly RowScope[] => [...own(actor), ...[ofList?.(actor)].flat()]
  return {
    isScoped: scope !== undefined || ofList !== undefined || owner !== undefined || tenant !== undefined,
    own,
    all,
    given: (actor) => {
      const given = givenBy(all(actor), model)
      if (owner === undefined || actor.principal === null || given.has(owner)) return given
      return new Map([...given, [owner, idAs(owner, actor.principal.id)]])
    },
  }
}

function fieldOf(model: Model, options: AnyResourceOptions, word: 'owner' | 'tenant'): Field | undefined {
  const name = options[word]
  if (name === undefined) return undefined
  const wrong = (text: string): TypeError => new TypeError(`resource "${model.name}": ${word}: ${text}`)
  const names = model.fields.map((field) => field.name)
  const field = model.fields.find((one) => one.name === name)
  if (!field) throw wrong(`there is no field "${name}"${didYouMean(name, names)}`)
  if (word === 'tenant') {
    if (field.server !== undefined) throw wrong(`"${name}" is written by the server already`)
    return field
  }
  if (options.permissions === false) throw wrong('who may do what with rows of others is a permission: give it a name')
  if (field.server !== undefined && field.server !== 'createdBy') throw wrong(`"${name}" is not who made the row`)
  if (field.server === 'createdBy' && !model.audited) throw wrong(`"${name}" is written where audit is not false`)
  return field
}

/** Numbers are compared as numbers. */
const idAs = ({ type, keyType }: Field, id: string): string | number =>
  (type === 'ref' ? keyType : type) === 'int' ? Number(id) : id

/** What must be held to reach every row, by what is done; nothing where the app has said itself who may do it. */
function reachesOf(model: Model, options: AnyResourceOptions): (actor: Actor) => boolean {
  const word = options.permissions === undefined || options.permissions === false ? model.name : options.permissions
  const known = new Map<string, (actor: Actor) => boolean>()
  return (actor) => {
    let reaches = known.get(actor.doing)
    if (reaches === undefined) {
      const checks = wholePermissions(actor.doing, options).map((action) => grantCheck(`${word}:${action}`))
      reaches = ({ principal }) => checks.every((check) => principal !== null && check(principal.permissions))
      known.set(actor.doing, reaches)
    }
    return reaches(actor)
  }
}

function wholePermissions(doing: string, options: AnyResourceOptions): readonly string[] {
  const said = (options.options ?? {}) as Readonly<Record<string, RouteOptions | undefined>>
  const { export: exporting, history, actions } = options
  if (doing === 'upsert')
    return isReplaced(said['upsert']) ? [] : ['create', 'update'].flatMap((one) => wholePermissions(one, options))
  if (doing === 'export') return isReplaced((exporting as { options?: RouteOptions }).options) ? [] : ['export']
  if (doing === 'history') return isReplaced((history as { options?: RouteOptions }).options) ? [] : ['history']
  const action = actions && Object.hasOwn(actions, doing) ? actions[doing] : undefined
  if (action) return action.permission !== undefined || isReplaced(action.options) ? [] : [doing]
  const { like, permission } = permissionFor(doing as Operation)
  return isReplaced(said[doing]) || (like !== undefined && isReplaced(said[like])) ? [] : [permission]
}

/** `auth` says who may call, and leaves it to the owner which rows those are. */
const isReplaced = (said: RouteOptions = {}): boolean => said['public'] === true || said['permission'] !== undefined

/** Clients write neither owner nor tenant, unless a rule of the field says when they do. */
export function withFilled(options: AnyResourceOptions): AnyResourceOptions {
  const known = fieldsOf(options.table)
  const fields = { ...options.fields } as Record<string, FieldRule>
  for (const name of [options.owner, options.tenant])
    if (name !== undefined && Object.hasOwn(known, name) && fields[name]?.write === undefined)
      fields[name] = { ...fields[name], write: false }
  return { ...options, fields: fields as NonNullable<AnyResourceOptions['fields']> }
}
