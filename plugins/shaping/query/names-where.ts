import type { FieldNaming } from '#core/ports/field-naming'
import type { Model } from '../declare/model.ts'
import { takesFlag } from '../declare/operators.ts'
import type { Operator } from '../row-types.ts'
import { nameIn, tableAt } from './names-paths.ts'
import { type Word, Words } from './where-words.ts'

/** Text that was put in the place of another. */
export interface Replaced {
  readonly offset: number
  readonly length: number
  readonly by: string
}
type Place = { readonly offset: number; readonly length: number }

/** A `where` with the names and values of now. Where its sentence is broken the rest stays: the parser tells what is wrong. */
export function whereInNewest(
  naming: FieldNaming,
  root: Model,
  text: string,
): { readonly text: string; readonly replaced: readonly Replaced[] } {
  const words = new Words(text)
  const models = [root]
  const replaced: Replaced[] = []
  const put = ({ offset, length }: Word, by: string | undefined): void => {
    // What the version does not know must be unknown, whatever is called so now.
    if (by === undefined || by !== text.slice(offset, offset + length)) replaced.push({ offset, length, by: by ?? '?' })
  }
  for (let word = words.take(); word.kind !== 'end' && word.kind !== 'unclosed'; word = words.take()) {
    const model = models.at(-1)!
    if (word.kind === '(') models.push(model)
    else if (word.kind === ')') models.pop()
    else if (word.kind === 'word' && !between.has(word.text)) {
      const found = nameIn(naming, model, word.text, 'newest')
      put(word, found?.name)
      if (words.next.kind === '(') {
        words.take()
        models.push(tableAt(model, found?.name ?? word.text))
      } else if (words.next.kind === 'word') {
        const operator = words.take().text as Operator
        const table = found?.model && found.rest === '' ? naming.of(found.model.table) : undefined
        for (const value of valuesIn(words))
          if (table && !takesFlag(operator)) {
            const turned = table.value(found!.field, value.text)
            if (turned === undefined) put(word, undefined)
            else if (turned !== value.text) put(value, JSON.stringify(turned))
          }
      }
    }
    if (models.length === 0) break
  }
  return { text: applied(text, replaced), replaced }
}

const between: ReadonlySet<string> = new Set(['and', 'or', 'not'])

/** One value, or several with commas between, in brackets or not. */
function valuesIn(words: Words): Word[] {
  const next = (): Word['kind'] => words.next.kind
  const bracketed = next() === '('
  if (bracketed) words.take()
  const values: Word[] = []
  while (next() === 'word' || next() === 'quoted') {
    values.push(words.take())
    if (next() !== ',') break
    words.take()
  }
  if (bracketed && next() === ')') words.take()
  return values
}

function applied(text: string, replaced: readonly Replaced[]): string {
  let made = ''
  let at = 0
  for (const { offset, length, by } of replaced.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < at) continue
    made += text.slice(at, offset) + by
    at = offset + length
  }
  return made + text.slice(at)
}

/** A place of the new text in the one that was sent. */
export function replacedIn(replaced: readonly Replaced[], { offset, length }: Place): Place {
  let shift = 0
  for (const one of replaced.toSorted((a, b) => a.offset - b.offset)) {
    const from = one.offset + shift
    if (offset < from) break
    if (offset < from + one.by.length) return { offset: one.offset, length: one.length }
    shift += one.by.length - one.length
  }
  return { offset: offset - shift, length }
}
