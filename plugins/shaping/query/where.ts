import type { Model } from '../declare/model.ts'
import { all, type Condition, either, type Hop } from './conditions.ts'
import { leafOf } from './leaf.ts'
import { type Asking, findParameter, type Spot, step, type Way } from './paths.ts'
import { type Word, Words } from './where-words.ts'

/** A bracket that is open: what stands in it so far. */
interface Open {
  /** The table that names in it belong to. */
  readonly model: Model
  /** Relations that the bracket stands behind: all of it holds for one row there. */
  readonly via: readonly Hop[]
  readonly ors: Condition[][]
  ands: Condition[]
  negated: boolean
}

/**
 * Reads `where=status eq draft or (views gte 100 and not author.name contains "ann lee")`: `not` before `and` before `or`.
 * Conditions on one row of a relation stand in its bracket: `comments.any(status eq spam and score gt 5)`.
 * Without recursion, and never further than the budget: no text can exhaust the stack.
 */
export function readWhere(asking: Asking, text: string, zone: string): Condition | undefined {
  return new Reading(asking, text, zone).read()
}

class Reading {
  private readonly asking: Asking
  private readonly words: Words
  private readonly zone: string
  private readonly open: Open[] = []
  private nodes = 0
  /** Whether something was wrong that does not keep the rest from being read. */
  private spoilt = false

  constructor(asking: Asking, text: string, zone: string) {
    this.asking = asking
    this.words = new Words(text)
    this.zone = zone
    this.enter(asking.model, [])
  }

  read(): Condition | undefined {
    while (this.operand()) {
      const ended = this.afterOperand()
      if (ended !== undefined) return ended === true ? this.whole() : undefined
    }
    return undefined
  }

  private get innermost(): Open {
    return this.open.at(-1)!
  }

  private enter(model: Model, via: readonly Hop[]): void {
    this.open.push({ model, via, ors: [], ands: [], negated: false })
  }

  /** Reads up to the end of one comparison, through what stands before it. `false` when that is not possible. */
  private operand(): boolean {
    for (;;) {
      const word = this.words.take()
      if (word.kind === '(') {
        if (!this.mayOpen(word)) return false
        this.enter(this.innermost.model, [])
      } else if (word.kind !== 'word') return this.refuse(word, 'expected-condition', 'a condition is missing here')
      else if (word.text === 'not') {
        if (!this.count(word)) return false
        this.innermost.negated = !this.innermost.negated
      } else if (this.words.next.kind === '(') {
        const bracket = this.words.take()
        if (!this.relation(word, bracket)) return false
      } else return this.comparison(word)
    }
  }

  /** `comments.any(`. */
  private relation(word: Word, bracket: Word): boolean {
    if (!this.mayOpen(bracket)) return false
    let way: Way | undefined = { via: this.reached(), model: this.innermost.model, rest: word.text }
    const before = way.via.length
    while (way && way.rest !== '') way = step(this.asking, way, this.spotOf(word), word.text, true)
    if (way === undefined) return false
    this.enter(way.model, way.via.slice(before))
    return true
  }

  /** The relations that lead to the innermost bracket. */
  private reached(): readonly Hop[] {
    return this.open.flatMap(({ via }) => via)
  }

  private comparison(path: Word): boolean {
    const operator = this.words.take()
    if (operator.kind !== 'word')
      return this.refuse(operator, 'expected-operator', `an operator is missing after ${short(path)}`)
    const name = operator.text === 'eq' ? path.text : `${path.text}[${operator.text}]`
    const { model } = this.innermost
    const reached = this.reached().length
    const found = findParameter(this.asking, model, name, this.spotOf(path))
    const items = this.values(found?.parameter.list ?? true, path)
    if (items === undefined || !this.count(path)) return false
    if (found === undefined) return this.spoil()
    const { hops } = this.asking.budget
    if (reached + found.via.length > hops)
      return this.refuse(path, 'too-far', `${short(path)} leads over more than ${hops} relations`)
    const spot = this.spotOf(path)
    const leaf = leafOf(this.asking, found.parameter, { items, zone: this.zone, spot })
    if (leaf === undefined) return this.spoil()
    this.add(found.via.reduceRight<Condition>((of, hop) => ({ kind: 'related', hop, of }), leaf))
    return true
  }

  /** One value, or several with commas between, in brackets or not. */
  private values(list: boolean, path: Word): string[] | undefined {
    const bracketed = list && this.words.next.kind === '('
    if (bracketed) this.words.take()
    const items: string[] = []
    for (;;) {
      const value = this.words.take()
      if (value.kind === 'unclosed') return this.lose(value, 'wrong-quotes', 'the quote does not close')
      if (value.kind !== 'word' && value.kind !== 'quoted')
        return this.lose(value, 'expected-value', `a value is missing after ${short(path)}`)
      items.push(value.text)
      if (!list || this.words.next.kind !== ',') break
      this.words.take()
    }
    if (bracketed) {
      const end = this.words.take()
      if (end.kind !== ')') return this.lose(end, 'expected-bracket', 'the bracket does not close')
    }
    return items
  }

  /** `true` at the end of the text, `false` after a mistake, `undefined` where another operand follows. */
  private afterOperand(): boolean | undefined {
    for (;;) {
      const word = this.words.take()
      if (word.kind === 'end') {
        if (this.open.length === 1) return true
        return this.refuse(word, 'expected-bracket', 'a bracket does not close')
      }
      if (word.kind === ')') {
        if (this.open.length === 1) return this.refuse(word, 'unexpected-bracket', 'no bracket is open here')
        this.close()
      } else if (word.kind === 'word' && (word.text === 'and' || word.text === 'or')) {
        if (!this.count(word)) return false
        const { ors, ands } = this.innermost
        if (word.text === 'or') {
          ors.push(ands)
          this.innermost.ands = []
        }
        return undefined
      } else return this.refuse(word, 'expected-and-or', `expected and, or, or the end; quote values that have spaces`)
    }
  }

  private close(): void {
    const { ors, ands, via } = this.open.pop()!
    this.add(via.reduceRight<Condition>((of, hop) => ({ kind: 'related', hop, of }), combined([...ors, ands])))
  }

  /** What stands in the innermost bracket is one condition more. */
  private add(condition: Condition): void {
    const inner = this.innermost
    inner.ands.push(inner.negated ? { kind: 'not', of: condition } : condition)
    inner.negated = false
  }

  private whole(): Condition | undefined {
    const { ors, ands } = this.innermost
    return this.spoilt ? undefined : combined([...ors, ands])
  }

  /** Reads on after a mistake that leaves the sentence whole. */
  private spoil(): boolean {
    this.spoilt = true
    this.add(nothing)
    return true
  }

  private mayOpen(bracket: Word): boolean {
    const { depth } = this.asking.budget
    if (this.open.length <= depth) return true
    return this.refuse(bracket, 'too-deep', `brackets may stand ${depth} deep`)
  }

  private count(word: Word): boolean {
    const { nodes } = this.asking.budget
    if (++this.nodes <= nodes) return true
    return this.refuse(word, 'too-many', `may have ${nodes} conditions and words between them`)
  }

  private refuse({ offset, length }: Word, code: string, detail: string): false {
    this.asking.issues.add({ ...this.spotOf({ offset, length }), code, detail })
    return false
  }

  private spotOf({ offset, length }: Pick<Word, 'offset' | 'length'>): Spot {
    return { parameter: `${this.asking.prefix}where`, at: { offset, length } }
  }

  private lose(word: Word, code: string, detail: string): undefined {
    this.refuse(word, code, detail)
  }
}

const nothing: Condition = { kind: 'and', of: [] }

const combined = (ors: readonly Condition[][]): Condition => either(ors.map(all))

const short = ({ text }: Word): string => text.slice(0, 60)
