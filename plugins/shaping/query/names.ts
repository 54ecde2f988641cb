import type { FieldNaming } from '#core/ports/field-naming'
import type { Model } from '../declare/model.ts'
import { takesFlag, takesList } from '../declare/operators.ts'
import type { Operator } from '../row-types.ts'
import type { Issue, Issues } from './issues.ts'
import { nameIn, type Turned } from './names-paths.ts'
import { type Replaced, replacedIn, whereInNewest } from './names-where.ts'
import { itemsOf, type Pair, quoteItem } from './query-string.ts'
import { severalWords } from './words.ts'

/**
 * A query in the words of an older version of the API: read into those of now, and mistakes told back in its own. Links keep
 * what was sent, and cursors hold the names of now, so that they stay good in another version.
 */
export class Names {
  readonly version: string
  private readonly naming: FieldNaming
  private readonly model: Model
  private readonly words: ReadonlySet<string>
  /** What of each `where` was put in another's place. */
  private readonly replaced = new Map<string, readonly Replaced[]>()

  constructor(naming: FieldNaming, model: Model, words: ReadonlySet<string>) {
    this.version = naming.version
    this.naming = naming
    this.model = model
    this.words = words
  }

  pairs(sent: readonly Pair[], issues: Issues): Pair[] {
    return sent.flatMap((pair) => {
      const { prefix, model, rest } = this.branchOf(pair.name)
      const turned = this.pair({ ...pair, name: rest }, model, prefix, issues)
      return turned ? [{ ...turned, name: prefix + turned.name }] : []
    })
  }

  /** `expand.comments.score[gte]` is about the rows of comments. */
  private branchOf(name: string): { readonly prefix: string; readonly model: Model; readonly rest: string } {
    let { model } = this
    let at = name.startsWith('expand.') && this.words.has('expand') ? 'expand.'.length : 0
    while (at > 0) {
      const dot = name.indexOf('.', at)
      const relation = dot === -1 ? undefined : model.relations.get(name.slice(at, dot))
      if (!relation?.expands) break
      model = relation.target
      at = dot + 1
    }
    return { prefix: name.slice(0, at), model, rest: name.slice(at) }
  }

  private pair(pair: Pair, model: Model, prefix: string, issues: Issues): Pair | undefined {
    const { name, value } = pair
    const found = nameIn(this.naming, model, name, 'newest')
    const isFilter = found !== undefined && (found.via || model.filters.has(found.name))
    if (!isFilter && (this.words.has(name) || prefix !== '') && wordsOfRows.has(name)) {
      const turned = this.word(name, value, model, prefix, issues)
      // That nothing is left of it has been told, name by name.
      return turned === '' && value !== '' ? undefined : { ...pair, value: turned }
    }
    if (!isFilter && this.words.has(name)) return pair
    if (found === undefined) {
      issues.addAsSent({ parameter: prefix + name, code: 'unknown-parameter', detail: 'is not a parameter here' })
      return undefined
    }
    const turned = this.value(found, value)
    if (turned !== undefined) return { ...pair, name: found.name, value: turned }
    issues.addAsSent({
      parameter: prefix + name,
      code: 'not-allowed',
      detail: `cannot be filtered by this in version ${this.version}`,
    })
    return undefined
  }

  /** A filter's value. */
  private value({ model, field, rest }: Turned, value: string): string | undefined {
    const table = model && this.naming.of(model.table)
    const operator = (/^\[(\w+)\]/.exec(rest)?.[1] ?? 'eq') as Operator
    if (table === undefined || (rest !== '' && !rest.startsWith('[')) || takesFlag(operator)) return value
    if (!takesList(operator)) return table.value(field, value)
    const items = (itemsOf(value) ?? []).map((item) => table.value(field, item))
    if (items.length === 0) return value
    return items.includes(undefined) ? undefined : items.map((item) => quoteItem(item!)).join(',')
  }

  /** The value of a word of the grammar: `sort=-createdAt,name`. */
  private word(word: string, value: string, model: Model, prefix: string, issues: Issues): string {
    const parameter = prefix + word
    const newest = (name: string): string | undefined => nameIn(this.naming, model, name, 'newest')?.name
    if (word === 'where') {
      const { text, replaced } = whereInNewest(this.naming, model, value)
      this.replaced.set(parameter, replaced)
      return text
    }
    if (word === 'filter_key') return newest(value) ?? value
    return value
      .split(',')
      .flatMap((item) => {
        const [, sign = '', name = '', way = ''] = /^(-?)([^:]*)(.*)$/.exec(item)!
        const called = newest(name)
        if (called !== undefined) return [sign + called + way]
        const code = word === 'fields' ? 'unknown-field' : 'unknown-sort-key'
        const what = JSON.stringify(name.slice(0, 200))
        issues.addAsSent({
          parameter,
          code,
          detail: word === 'fields' ? `there is no field ${what}` : `cannot sort by ${what}`,
        })
        return []
      })
      .join(',')
  }

  /** A mistake in the words of the client. */
  told(issue: Issue): Issue {
    const { prefix, model, rest } = this.branchOf(issue.parameter)
    const found = this.words.has(rest) || wordsOfRows.has(rest) ? undefined : nameIn(this.naming, model, rest, 'older')
    const older = (name: string): string | undefined => this.olderName(name, model)
    const { allowed, suggestion, at } = issue
    const shown = issue.code === 'not-allowed' ? this.shownBy(model, rest) : older
    const changed = found && found.name !== rest
    return {
      ...issue,
      parameter: found ? prefix + found.name : issue.parameter,
      ...(changed && { detail: issue.detail.replaceAll(rest.split('[')[0]!, found.name.split('[')[0]!) }),
      ...(allowed && { allowed: [...new Set(allowed.flatMap((one) => shown(one) ?? []))] }),
      ...(suggestion !== undefined && { suggestion: shown(suggestion) ?? suggestion }),
      ...(at && { at: replacedIn(this.replaced.get(issue.parameter) ?? [], at) }),
    }
  }

  private olderName(text: string, from: Model): string | undefined {
    const { prefix, model, rest } = this.branchOf(text)
    const [, sign = '', name = ''] = /^(-?)(.*)$/.exec(rest)!
    const found = nameIn(this.naming, prefix === '' ? from : model, name, 'older')
    return found && prefix + sign + found.name
  }

  /** Values of a filter, as the version has them. */
  private shownBy(model: Model, rest: string): (value: string) => string | undefined {
    const field = rest.split('[')[0]!
    const table = this.naming.of(model.table)
    return (value) => (table && model.fields.has(field) ? String(table.shown(field, value) ?? value) : value)
  }
}

/** Words whose values are names of fields. */
const wordsOfRows: ReadonlySet<string> = new Set(
  [...severalWords, 'where', 'sorting', 'filter_key'].filter((word) => word !== 'expand'),
)
