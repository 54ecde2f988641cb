import { type AnyDeclaration, type AnyShape, type Operator, shape } from '../shaping/index.ts'
import type { AnyResourceOptions } from './options.ts'
import type { FieldRule } from './types.ts'

type Rules = Readonly<Record<string, FieldRule | undefined>>

/** What the rules of fields add to the list's declaration. */
function withRules(list: AnyDeclaration, rules: Rules): AnyDeclaration {
  const filter: Record<string, true | readonly Operator[]> = {}
  const keys: string[] = []
  const permissions: Record<string, string> = {}
  for (const [name, rule] of Object.entries(rules)) {
    if (rule?.filter) filter[name] = rule.filter as true | readonly Operator[]
    if (rule?.sort) keys.push(name)
    if (rule?.read !== undefined) permissions[name] = rule.read
  }
  const said = list.sort?.keys ?? []
  return {
    ...list,
    filter: { ...list.filter, ...filter },
    ...((list.sort || keys.length > 0) && {
      sort: { ...list.sort, keys: [...said, ...keys.filter((key) => !said.includes(key))] },
    }),
    fields: { ...list.fields, permissions: { ...list.fields?.permissions, ...permissions } },
  }
}

/**
 * The list as a shape, and what it was declared with: its hidden fields and its scope hold for single rows too.
 * @throws {TypeError} for rules on who sees what that a given shape does not have: lists that lead to it follow the shape
 */
export function listOf(
  name: string,
  { table, list = {}, fields = {}, scope, owner, tenant }: AnyResourceOptions,
): readonly [AnyShape, AnyDeclaration] {
  const given = 'from' in list && 'hook' in list ? (list as AnyShape) : undefined
  if (given) checkOpen(name, given.declaration, fields, { scope, owner, tenant })
  const said = given?.declaration ?? (list as AnyDeclaration)
  const isRuled = Object.values(fields as Rules).some((rule) => rule?.filter || rule?.sort || rule?.read)
  const declared = isRuled ? withRules(said, fields) : said
  // A shape that was handed in may serve other routes, which the rules are not for.
  return [given !== undefined && !isRuled ? given : shape(table, declared as object), declared]
}

type RowWords = Pick<AnyResourceOptions, 'scope'> & { readonly [K in 'owner' | 'tenant']: string | undefined }

function checkOpen(name: string, { scope, fields: shown }: AnyDeclaration, rules: Rules, said: RowWords): void {
  const wrong = (what: string, where: string): TypeError =>
    new TypeError(
      `resource "${name}": ${what}: other lists may lead to its list, and would not know of it: say it there, shape(..., ${where})`,
    )
  if (scope === undefined) {
    if (said.scope !== undefined) throw wrong('scope', '{ scope }')
    if (said.tenant !== undefined) throw wrong('tenant', `{ scope: tenantRows('${said.tenant}') }`)
    if (said.owner !== undefined) throw wrong('owner', `{ scope: ownRows('${name}:read', '${said.owner}') }`)
  }
  for (const [field, rule] of Object.entries(rules))
    if (rule?.read !== undefined && shown?.permissions?.[field] !== rule.read)
      throw wrong(`fields.${field}.read`, `{ fields: { permissions: { ${field}: '${rule.read}' } } }`)
}
