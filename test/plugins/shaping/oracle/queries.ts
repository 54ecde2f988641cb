import fc from 'fast-check'
import type { Field } from '#core/ports/database'
import { itemOf } from '#core/table/fields'
import type { FilterParameter, Model } from '../../../../plugins/shaping/declare/model.ts'
import { searchesText, takesFlag } from '../../../../plugins/shaping/declare/operators.ts'
import { type Condition, type Hop, type Leaf, printed } from '../../../../plugins/shaping/query/conditions.ts'
import { quoteItem } from '../../../../plugins/shaping/query/query-string.ts'
import { valuesOf } from './rows.ts'

/** Queries that a declaration allows, made of the declaration: every operator of every filter, every relation, every key. */
export function someQuery(model: Model, mayOrder: (field: Field) => boolean): fc.Arbitrary<string> {
  const text = (name: string, value: string): string => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  const optional = (name: string, value: fc.Arbitrary<string>, chance?: number): fc.Arbitrary<string[]> =>
    sometimes(value, chance).map((all) => all.map((one) => text(name, one)))
  const flat = fc
    .uniqueArray(fc.oneof({ weight: 3, arbitrary: flatFilter(model, [], 0) }, flatFilter(model, [], 2)), {
      minLength: 1,
      maxLength: 2,
      selector: ([name]) => name,
    })
    .map((all) => all.map(([name, value]) => text(name, value)))
  const where = tree(model, 2).map((one) => [text('where', printed(one))])
  const words = [
    // Every further filter leaves fewer rows: most queries have filters or an expression.
    fc.oneof(
      { weight: 2, arbitrary: flat },
      { weight: 3, arbitrary: where },
      fc.tuple(flat, where).map((all) => all.flat()),
    ),
    optional('sort', sortWords(model, mayOrder)),
    optional('fields', names([...model.fields.keys()])),
    optional('limit', fc.integer({ min: 1, max: 30 }).map(String)),
    model.search ? optional('q', fc.constantFrom('hello', 'école ouv', 'world hello', 'яблоко', '50%'), 0.1) : never,
    expansions(model, mayOrder).map((all) => all.map(([name, value]) => text(name, value))),
  ]
  return fc.tuple(...words).map((all) => all.flat().join('&'))
}

const never = fc.constant<string[]>([])

/** One value, or none. */
const sometimes = <T>(value: fc.Arbitrary<T>, chance = 0.5): fc.Arbitrary<T[]> =>
  fc.oneof(
    { weight: chance * 100, arbitrary: value.map((one) => [one]) },
    { weight: 100 - chance * 100, arbitrary: fc.constant<T[]>([]) },
  )

type Filter = readonly [name: string, value: string]

const names = (of: readonly string[]): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 4 }).map(String)

function sortWords({ sortable }: Model, mayOrder: (field: Field) => boolean): fc.Arbitrary<string> {
  const keys = [...sortable.values()].filter(({ field }) => mayOrder(field)).map(({ name }) => name)
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom('', '-'), fc.constantFrom(...keys)), {
      minLength: 1,
      maxLength: 3,
      selector: ([, key]) => key,
    })
    .map((all) => all.map((one) => one.join('')).join())
}

const known = (model: Model): FilterParameter[] =>
  [...new Set(model.filters.values())].filter(({ field }) => model.mayKnow(field, undefined))

function hopsOf(model: Model): Hop[] {
  return [...model.relations.values()].flatMap((relation): Hop[] =>
    relation.many
      ? (['any', 'none', 'every'] as const).map((quantifier) => ({ relation, quantifier }))
      : [{ relation, quantifier: 'is' }],
  )
}

/** A filter as a parameter of its own, over at most so many relations. */
function flatFilter(model: Model, path: readonly string[], hops: number): fc.Arbitrary<Filter> {
  const own = fc
    .constantFrom(...known(model))
    .chain((parameter) =>
      itemsFor(parameter).map(
        (items): Filter => [
          [...path, parameter.name].join('.'),
          parameter.list ? items.map(quoteItem).join() : items[0]!,
        ],
      ),
    )
  const ways = hops === 0 ? [] : hopsOf(model)
  if (ways.length === 0) return own
  return fc.oneof(
    own,
    fc
      .constantFrom(...ways)
      .chain(({ relation, quantifier }) =>
        flatFilter(relation.target, [...path, relation.name, ...(quantifier === 'is' ? [] : [quantifier])], hops - 1),
      ),
  )
}

/** A tree of conditions. What it compares with is only written in it: reading it is the list's own work. */
export function tree(model: Model, hops: number, depth = 3): fc.Arbitrary<Condition> {
  const leaf: fc.Arbitrary<Condition> = fc
    .constantFrom(...known(model))
    .chain((parameter) =>
      itemsFor(parameter).map((items): Leaf => ({ kind: 'leaf', parameter, items, value: undefined })),
    )
  if (depth === 0) return leaf
  const inner = fc.constant(null).chain(() => tree(model, hops, depth - 1))
  const several = fc.array(inner, { minLength: 2, maxLength: 3 })
  const ways = hops === 0 ? [] : hopsOf(model)
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    several.map((of): Condition => ({ kind: 'and', of })),
    several.map((of): Condition => ({ kind: 'or', of })),
    inner.map((of): Condition => ({ kind: 'not', of })),
    ...(ways.length === 0
      ? []
      : [
          {
            weight: 3,
            arbitrary: fc
              .constantFrom(...ways)
              .chain((hop) =>
                tree(hop.relation.target, hops - 1, depth - 1).map((of): Condition => ({ kind: 'related', hop, of })),
              ),
          },
        ]),
  )
}

/** What stands in the JSON of rows. */
const valuesInside: readonly unknown[] = ['red', 'Red wine', 'ÉCOLE', 'nine', '7', 9, 10, 9.5, -1e20]

/** Values of a filter, as clients write them. */
function itemsFor({ field, operator, list, path }: FilterParameter): fc.Arbitrary<string[]> {
  if (takesFlag(operator)) return fc.constantFrom(['true'], ['false'])
  if (operator === 'on') return fc.constantFrom(['2026-03-29'], ['2026-01-01'], ['0050-06-01'])
  const inside = path && valuesInside.filter((one) => typeof one === (field.type === 'text' ? 'string' : 'number'))
  const possible = (
    inside?.length && field.type !== 'bool' ? inside : valuesOf(field.type === 'list' ? itemOf(field) : field)
  ).map(String)
  if (searchesText(operator)) return pieceOf(possible.filter((text) => [...text].length >= 3)).map((one) => [one])
  const value = fc.oneof(fc.constantFrom(...possible), fc.constantFrom(...spellings(field, possible)))
  return fc
    .uniqueArray(value, { minLength: 1, maxLength: list ? 4 : 1 })
    .filter((all) => all.length > 1 || !list || all[0] !== '')
}

/** Other ways to write the same values, and values between them. */
function spellings({ type }: Field, possible: readonly string[]): readonly string[] {
  if (type === 'decimal') return ['-0', '0012.500', '2.06', '12.5']
  if (type === 'datetime')
    return ['2026-01-15T12:00:00.5+02:00', '2026-01-15T10:00:00.500001Z', '2026-01-15t10:00:00.499999z', '2026-01-01']
  if (type === 'uuid') return possible.map((text) => text.toUpperCase())
  if (type === 'float') return ['.5', '3e-1', '-0', '1.2E1']
  return type === 'bigint' ? ['-0', '0005'] : possible
}

/** Some letters of a text, as it is or with its case turned. */
const pieceOf = (all: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...all), fc.nat(), fc.integer({ min: 3, max: 8 }), fc.nat({ max: 2 }))
    .map(([text, from, length, turn]) => {
      const letters = [...text]
      const start = from % (letters.length - 2)
      const piece = letters.slice(start, start + length)
      return piece.map((one) => (turn === 0 ? one : turned(one, turn === 1))).join('')
    })

/** A letter in the other case, where that is one letter too. */
function turned(letter: string, up: boolean): string {
  const other = up ? letter.toUpperCase() : letter.toLowerCase()
  return [...other].length === 1 ? other : letter
}

/** Rows of relations, with what is asked of them. */
function expansions(model: Model, mayOrder: (field: Field) => boolean): fc.Arbitrary<Filter[]> {
  const paths = [...model.relations.values()].flatMap(({ name, target }) => [
    [name],
    ...[...target.relations.keys()].map((next) => [name, next]),
  ])
  if (paths.length === 0) return fc.constant([])
  return fc.uniqueArray(fc.constantFrom(...paths), { maxLength: 2, selector: String }).chain((chosen) => {
    const asked = chosen.map((path) => askedOf(model, path, mayOrder))
    const expand: Filter[] = chosen.length === 0 ? [] : [['expand', chosen.map((path) => path.join('.')).join()]]
    return fc.tuple(...asked).map((all) => {
      const more = new Map([...expand, ...all.flat()])
      return [...more]
    })
  })
}

function askedOf(model: Model, path: readonly string[], mayOrder: (field: Field) => boolean): fc.Arbitrary<Filter[]> {
  let [target, many] = [model, false]
  for (const name of path) ({ target, many } = target.relations.get(name)!)
  const at = `expand.${path.join('.')}.`
  const optional = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Filter[]> =>
    sometimes(value).map((all) => all.map((one) => [at + name, one]))
  const filters = sometimes(flatFilter(target, [], 0)).map((all) =>
    all.map(([name, value]): Filter => [at + name, value]),
  )
  const where = optional('where', tree(target, Math.max(0, 2 - path.length), 2).map(printed))
  if (!many) return fc.tuple(filters, where).map((all) => all.flat())
  return fc
    .tuple(
      filters,
      where,
      optional('limit', fc.integer({ min: 1, max: 3 }).map(String)),
      optional('sort', sortWords(target, mayOrder)),
      optional('fields', names([...target.fields.keys()])),
    )
    .map((all) => all.flat())
}
