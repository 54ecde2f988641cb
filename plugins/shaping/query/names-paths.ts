import type { FieldNaming } from '#core/ports/field-naming'
import type { Model } from '../declare/model.ts'

/** A name in other words, and the field at its end. */
export interface Turned {
  readonly name: string
  /** Whether it leads over relations. */
  readonly via: boolean
  /** The table of the field; `undefined` behind a field, where JSON has names of its own. */
  readonly model: Model | undefined
  /** The field, as it is called now. */
  readonly field: string
  /** What stands behind the field: `[gte]`, or a path into JSON. */
  readonly rest: string
}

const quantifiers: readonly string[] = ['any', 'none', 'every']
const endOf = (text: string): number => /[.[]|$/.exec(text)!.index

/** Turns `author.name[contains]` word by word; `undefined` where the version has no such field. */
export function nameIn(naming: FieldNaming, root: Model, name: string, to: 'newest' | 'older'): Turned | undefined {
  let model = root
  let done = ''
  let rest = name
  for (;;) {
    const end = endOf(rest)
    const word = rest.slice(0, end)
    const table = naming.of(model.table)
    const turned = table ? table[to](word) : word
    if (turned === undefined) return undefined
    const field = to === 'newest' ? turned : word
    const relation = rest[end] === '.' ? model.relations.get(field) : undefined
    if (relation === undefined)
      return { name: done + turned + rest.slice(end), via: done !== '', model, field, rest: rest.slice(end) }
    done += `${turned}.`
    rest = rest.slice(end + 1)
    model = relation.target
    const quantifier = rest.slice(0, endOf(rest))
    if (relation.many && quantifiers.includes(quantifier)) {
      const dot = rest[quantifier.length] === '.' ? 1 : 0
      done += rest.slice(0, quantifier.length + dot)
      rest = rest.slice(quantifier.length + dot)
    }
  }
}

/** The table that a path of relations leads to. */
export function tableAt(root: Model, path: string): Model {
  let model = root
  for (const word of path.split('.')) model = model.relations.get(word)?.target ?? model
  return model
}
