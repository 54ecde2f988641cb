import { orderOf } from '../cursor/place.ts'
import type { FilterParameter } from '../declare/model.ts'
import type { CountMode } from '../row-types.ts'
import { skipOf, translated } from './compat.ts'
import { all, type Condition, type Hop } from './conditions.ts'
import { isZone } from './instants.ts'
import { leafOf, shortestSearch } from './leaf.ts'
import { type Asking, findParameter } from './paths.ts'
import { itemsOf, type Pair, pairsOf } from './query-string.ts'
import { type Branches, branchAt, type Expansion, expandable, handOver, rowsWith, type Selection } from './selection.ts'
import { readWhere } from './where.ts'
import { countOf, fieldsOf, limitOf, mayTotal, severalWords, sortOf } from './words.ts'

/** What a query string asks for, before the cursor is looked at. */
export interface Asked extends Selection {
  readonly count: CountMode | undefined
  readonly after: string | undefined
  readonly before: string | undefined
  /** Rows that are passed over, in place of a cursor. */
  readonly skip: number | undefined
  /** Whether all rows are counted, for the answer's `total`. */
  readonly total: boolean
  /** What an export is to be, as it was written. */
  readonly form: { readonly format: string | undefined; readonly bom: string | undefined }
  /** The parameters as they were sent, without cursors and what is ignored: for links. */
  readonly kept: readonly string[]
}

/** Reads a query string; everything that is wrong with it goes to the issues. */
export function readQuery(asking: Asking, search: string): Asked {
  const reading = new Reading(asking)
  const sent = asking.names ? asking.names.pairs(pairsOf(search), asking.issues) : pairsOf(search)
  const { pairs, isPython } = asking.words.has('skip') ? translated(asking, sent) : { pairs: sent, isPython: false }
  for (const pair of pairs) {
    if (asking.issues.full) break
    reading.take(pair)
  }
  return reading.asked(isPython)
}

/** Words that say where a page begins: links have their own. */
const places: ReadonlySet<string> = new Set(['after', 'before', 'skip'])

interface Filter {
  readonly via: readonly Hop[]
  readonly parameter: FilterParameter
  readonly items: string[]
  /** The parameter's name as the client wrote it. */
  readonly name: string
}

/** Reads what is asked of one table: of the list, or of a relation that is expanded. */
class Reading {
  private readonly filters = new Map<string, Filter>()
  private readonly words = new Map<string, string[]>()
  private readonly kept: string[] = []
  private readonly forBranches: Pair[] = []
  private readonly asking: Asking

  constructor(asking: Asking) {
    this.asking = asking
  }

  take(pair: Pair): void {
    const { name, value, raw } = pair
    const { model, words, granted } = this.asking
    const parameter = model.filters.get(name)
    if (parameter && model.mayKnow(parameter.field, granted)) {
      this.kept.push(raw)
      this.takeFilter([], parameter, pair.told ?? name, value)
    } else if (words.has(name)) {
      if (!places.has(name)) this.kept.push(raw)
      this.takeWord(name, value)
    } else if (name.startsWith('expand.') && words.has('expand')) {
      this.kept.push(raw)
      this.forBranches.push(pair)
    } else if (!model.ignores(name)) {
      const found = findParameter(this.asking, model, name, { parameter: this.asking.prefix + name })
      if (found === undefined) return
      this.kept.push(raw)
      this.takeFilter(found.via, found.parameter, name, value)
    }
  }

  takeWord(name: string, value: string): void {
    const words = this.words.get(name)
    if (words === undefined) this.words.set(name, [value])
    else if (severalWords.has(name)) words.push(value)
    else this.refuse(name, 'repeated', 'may be given once')
  }

  private refuse(name: string, code: string, detail: string): void {
    this.asking.issues.add({ parameter: this.asking.prefix + name, code, detail })
  }

  private takeFilter(via: readonly Hop[], parameter: FilterParameter, name: string, value: string): void {
    // `price[eq]` and `price` are one.
    const full = via.length === 0 ? parameter.name : `${wordOf(via)}.${parameter.name}`
    const known = this.filters.get(full)
    // `key[in][]=v` repeats are never split; `key[in]=a,b` is.
    const items = parameter.list && !name.endsWith('[]') ? itemsOf(value) : [value]
    const { leaves } = this.asking.budget
    if (items === undefined) this.refuse(name, 'wrong-quotes', 'has a quote that does not close')
    else if (known !== undefined) {
      if (parameter.list) known.items.push(...items)
      else this.refuse(name, 'repeated', 'may be given once')
    } else if (this.filters.size < leaves) this.filters.set(full, { via, parameter, items, name })
    else this.refuse(name, 'too-many', `a query may have ${leaves} filters`)
  }

  private word(name: string): string | undefined {
    return this.words.get(name)?.[0]
  }

  asked(isPython: boolean): Asked {
    const [after, before] = [this.word('after'), this.word('before')]
    if (after !== undefined && before !== undefined)
      this.refuse('before', 'exclusive', 'cannot stand together with after')
    // What is read to its end has no pages: rows that are expanded are counted for one row.
    const limits = this.asking.words.has('limit') ? this.asking.model.limit : oneRow
    const selection = this.selection(limits, new Map(), 0)
    const { rows } = this.asking.budget
    if (rowsWith(selection.expansions, selection.limit) > rows)
      this.refuse('expand', 'too-many-rows', `may show ${rows} rows with a page: ask for a smaller limit`)
    const form = { format: this.word('format'), bom: this.word('bom') }
    const skip = skipOf(this.asking, this.word('skip'), after !== undefined || before !== undefined)
    const count = countOf(this.asking, this.word('count'))
    const total = isPython && mayTotal(this.asking)
    return { ...selection, count, after, before, skip, total, form, kept: this.kept }
  }

  /** @param hops relations that lead here */
  selection(limit: Asking['model']['limit'], branches: Branches, hops: number): Selection {
    const asking: Asking = { ...this.asking, zone: this.asking.zone ?? this.readZone() }
    const fields = fieldsOf(asking, this.words.get('fields'))
    for (const word of (this.words.get('expand') ?? []).flatMap((value) => value.split(',')))
      branchAt(branches, word.split('.', asking.budget.hops + 1), `${asking.prefix}expand`)
    for (const [name, words] of fields.over) branchAt(branches, [name], `${asking.prefix}fields`).fields = [...words]
    for (const pair of this.forBranches) handOver(asking, branches, pair)
    return {
      conditions: this.conditions(asking.zone!),
      sort: orderOf(asking.model, sortOf(asking, this.words.get('sort'))),
      fields: fields.own,
      limit: limitOf(asking, limit, this.word('limit')),
      expansions: grown(asking, branches, hops),
    }
  }

  private readZone(): string {
    const zone = this.word('tz') ?? 'UTC'
    if (zone === 'UTC' || isZone(zone)) return zone
    this.refuse('tz', 'unknown-zone', 'is no time zone such as Europe/Rome')
    return 'UTC'
  }

  private conditions(zone: string): Condition[] {
    const conditions = grouped(
      [...this.filters].sort(([a], [b]) => (a < b ? -1 : 1)),
      0,
      ({ parameter, items, name }) =>
        leafOf(this.asking, parameter, { items, zone, spot: { parameter: this.asking.prefix + name } }),
    )
    const [where, q] = [this.word('where'), this.word('q')]
    const expression = where === undefined ? undefined : readWhere(this.asking, where, zone)
    if (expression) conditions.push(expression)
    const searched = q === undefined ? undefined : this.searched(q)
    if (searched) conditions.push(searched)
    return conditions
  }

  private searched(text: string): Condition | undefined {
    const { search } = this.asking.model
    const words = [...new Set(text.split(/[\s\0]+/).filter((word) => /[\p{L}\p{N}]/u.test(word)))]
    if (words.length > mostWords) this.refuse('q', 'too-many', `may have ${mostWords} words`)
    else if ([...words.join('')].length < shortestSearch)
      this.refuse('q', 'too-short', `needs at least ${shortestSearch} letters`)
    else return { kind: 'search', search: search!, words }
    return undefined
  }
}

const oneRow = { default: 1, max: 1, strict: false }

/** Words of a search. */
const mostWords = 10

const wordOf = (via: readonly Hop[]): string =>
  via.map(({ relation, quantifier }) => `${relation.name}${quantifier === 'is' ? '' : `.${quantifier}`}`).join('.')

/** Filters over the same relations hold for one row there. */
function grouped(
  filters: readonly (readonly [string, Filter])[],
  depth: number,
  leaf: (filter: Filter) => Condition | undefined,
): Condition[] {
  const conditions: Condition[] = []
  const further = new Map<string, (readonly [string, Filter])[]>()
  for (const entry of filters) {
    const { via } = entry[1]
    if (via.length === depth) {
      const made = leaf(entry[1])
      if (made) conditions.push(made)
    } else {
      const word = wordOf([via[depth]!])
      further.set(word, [...(further.get(word) ?? []), entry])
    }
  }
  for (const group of further.values()) {
    const of = grouped(group, depth + 1, leaf)
    if (of.length > 0) conditions.push({ kind: 'related', hop: group[0]![1].via[depth]!, of: all(of) })
  }
  return conditions
}

/** Reads what is asked of each relation that is expanded. */
function grown(asking: Asking, branches: Branches, hops: number): Expansion[] {
  const expansions: Expansion[] = []
  for (const [name, branch] of branches) {
    if (asking.issues.full) break
    const relation = expandable(asking, asking.model, name, branch.by)
    if (relation === undefined) continue
    if (asking.budget.hops === 0) {
      asking.issues.add({ parameter: branch.by, code: 'too-far', detail: `may lead over ${hops} relations` })
      continue
    }
    const inner = new Reading({
      ...asking,
      model: relation.target,
      budget: { ...asking.budget, hops: asking.budget.hops - 1 },
      words: new Set(relation.many ? ['fields', 'limit', 'sort', 'where'] : ['fields', 'where']),
      prefix: hops === 0 ? `expand.${name}.` : `${asking.prefix}${name}.`,
    })
    for (const pair of branch.pairs) inner.take(pair)
    if (branch.fields !== undefined) inner.takeWord('fields', branch.fields.join())
    const selection = inner.selection({ ...relation.limit, strict: false }, branch.branches, hops + 1)
    expansions.push({ ...selection, relation, by: branch.by })
  }
  const { expand } = asking.budget
  if (hops === 0 && countOfAll(expansions) > expand)
    asking.issues.add({ parameter: 'expand', code: 'too-many', detail: `may have ${expand} relations` })
  return expansions
}

const countOfAll = (expansions: readonly Expansion[]): number =>
  expansions.reduce((sum, one) => sum + 1 + countOfAll(one.expansions), 0)
