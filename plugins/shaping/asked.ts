import type { Field } from '#core/ports/database'
import { isZone } from './instants.ts'
import type { Issues } from './issues.ts'
import { type Leaf, leafOf } from './leaf.ts'
import type { FilterParameter, Model, SortTerm } from './model.ts'
import { itemsOf, type Pair, pairsOf } from './query-string.ts'
import type { CountMode } from './row-types.ts'
import { refuseUnknown } from './unknown.ts'
import { countOf, fieldsOf, limitOf, offers, severalWords, singleWords, sortOf } from './words.ts'

/** What a query string asks for, before the cursor is looked at. */
export interface Asked {
  /** In the order of parameter names, so that the same filters are the same statement. */
  readonly leaves: readonly Leaf[]
  readonly sort: readonly SortTerm[]
  readonly fields: readonly Field[]
  readonly limit: number
  readonly count: CountMode | undefined
  readonly after: string | undefined
  readonly before: string | undefined
  /** The parameters as they were sent, without cursors and what is ignored: for links. */
  readonly kept: readonly string[]
}

/** What a query is read with: the model as its caller may know it, and where mistakes go. */
export interface Asking {
  readonly model: Model
  readonly knows: (field: Field) => boolean
  readonly issues: Issues
}

const mostLeaves = 50

/** Reads a query string; everything that is wrong with it goes to the issues. */
export function readQuery(asking: Asking, search: string): Asked {
  const reading = new Reading(asking)
  for (const pair of pairsOf(search)) {
    if (asking.issues.full) break
    reading.take(pair)
  }
  return reading.asked()
}

class Reading {
  private readonly filters = new Map<string, { parameter: FilterParameter; items: string[]; name: string }>()
  private readonly words = new Map<string, string[]>()
  private readonly kept: string[] = []
  private readonly asking: Asking

  constructor(asking: Asking) {
    this.asking = asking
  }

  take({ name, value, raw }: Pair): void {
    const { model, knows } = this.asking
    const parameter = model.filters.get(name)
    if (parameter && knows(parameter.field)) {
      this.kept.push(raw)
      this.takeFilter(parameter, name, value)
    } else if (severalWords.has(name) || (singleWords.has(name) && offers(model, name))) {
      if (name !== 'after' && name !== 'before') this.kept.push(raw)
      const words = this.words.get(name)
      if (words === undefined) this.words.set(name, [value])
      else if (severalWords.has(name)) words.push(value)
      else this.refuse(name, 'repeated', 'may be given once')
    } else if (!model.ignores(name)) refuseUnknown(this.asking, name)
  }

  private refuse(parameter: string, code: string, detail: string): void {
    this.asking.issues.add({ parameter, code, detail })
  }

  private takeFilter(parameter: FilterParameter, name: string, value: string): void {
    const known = this.filters.get(parameter.name)
    // `key[in][]=v` repeats are never split; `key[in]=a,b` is.
    const items = parameter.list && !name.endsWith('[]') ? itemsOf(value) : [value]
    if (items === undefined) this.refuse(name, 'wrong-quotes', 'has a quote that does not close')
    else if (known !== undefined) {
      if (parameter.list) known.items.push(...items)
      else this.refuse(name, 'repeated', 'may be given once')
    } else if (this.filters.size < mostLeaves) this.filters.set(parameter.name, { parameter, items, name })
    else this.refuse(name, 'too-many', `a query may have ${mostLeaves} filters`)
  }

  asked(): Asked {
    const { asking } = this
    const word = (name: string): string | undefined => this.words.get(name)?.[0]
    const [after, before, zone = 'UTC'] = [word('after'), word('before'), word('tz')]
    const zoned = zone === 'UTC' || isZone(zone)
    if (!zoned) this.refuse('tz', 'unknown-zone', 'is no time zone such as Europe/Rome')
    if (after !== undefined && before !== undefined)
      this.refuse('before', 'exclusive', 'cannot stand together with after')
    const leaves: Leaf[] = []
    for (const { parameter, items, name } of this.filters.values()) {
      const leaf = leafOf(asking, parameter, { name, items, zone: zoned ? zone : 'UTC' })
      if (leaf) leaves.push(leaf)
    }
    return {
      leaves: leaves.sort((a, b) => (a.parameter.name < b.parameter.name ? -1 : 1)),
      sort: sortOf(asking, this.words.get('sort')),
      fields: fieldsOf(asking, this.words.get('fields')),
      limit: limitOf(asking, word('limit')),
      count: countOf(asking, word('count')),
      after,
      before,
      kept: this.kept,
    }
  }
}
