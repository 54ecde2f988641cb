import type { Field, TableDefinition } from '#core/ports/database'
import { type SeededRandom, seededRandom } from './random.ts'
import { sampleOf } from './sample.ts'

/** What a factory's definition may use. */
export interface FactoryTools {
  /** 1 for the first row of the scenario, then 2, … */
  readonly seq: number
  readonly rand: SeededRandom
}

/** Makes rows of one table. */
export interface Factory<Row = unknown, Insert = unknown, Trait extends string = never> {
  readonly table: Pick<TableDefinition<string, Row, Insert>, '$inferSelect' | '$inferInsert'> & TableDefinition
  readonly traits: Readonly<Record<Trait, Partial<Insert>>>
  /** The values of row `seq`, without those of its references. */
  attributes(seq: number, seed: string): Record<string, unknown>
}

/**
 * A factory for rows of a table. Fields that the definition leaves out get likely values by their type; fields that may
 * be NULL or have a default stay as they are. From `kwik/testing`.
 *
 * @param options.traits named sets of values: `withProducts(3, {}, 'sold-out')`
 * @example
 * const products = factory(productTable, ({ seq }) => ({ name: `Product ${seq}` }), {
 *   traits: { draft: { status: 'draft' } },
 * })
 */
export function factory<
  T extends TableDefinition,
  const Values extends Partial<T['$inferInsert']> = {},
  const Trait extends string = never,
>(
  table: T,
  define: (tools: FactoryTools) => Values = () => ({}) as never,
  options: { readonly traits?: Readonly<Record<Trait, Partial<T['$inferInsert']>>> } = {},
): Factory<T['$inferSelect'], T['$inferInsert'], Trait> {
  return {
    table,
    traits: options.traits ?? ({} as Readonly<Record<Trait, Partial<T['$inferInsert']>>>),
    attributes(seq, seed) {
      const rand = seededRandom(`${seed} ${table.name} ${seq}`)
      const given = define({ seq, rand }) as Record<string, unknown>
      const sampled = Object.values(table.fields).filter((field) => needsValue(field) && !(field.name in given))
      return { ...Object.fromEntries(sampled.map((field) => [field.name, sampleOf(field, seq, rand)])), ...given }
    },
  }
}

const needsValue = (field: Field): boolean =>
  !field.nullable && !field.hasDefault && field.server === undefined && field.type !== 'ref'

/** The fields that must point at a row of another table. */
export const requiredReferences = (table: TableDefinition): Field[] =>
  Object.values(table.fields).filter((field) => field.type === 'ref' && !field.nullable && !field.hasDefault)
