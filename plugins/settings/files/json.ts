import type { Located } from './located.ts'
import {
  isExactNumber,
  type LocatedField,
  type LocatedMap,
  oddNumber,
  placesOf,
  plainOf,
  type ReadFile,
  withoutMark,
} from './located.ts'

/** A mistake in a text, and where it begins. */
class JsonMistake extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/**
 * Reads the text of a JSON file (RFC 8259) with the place of each value. `JSON.parse` knows no places, takes the last of two equal
 * names silently, and shows the text around a mistake.
 */
export function parseJson(source: string): ReadFile {
  const text = withoutMark(source)
  const placeOf = placesOf(text)
  try {
    const tree = new Reader(text, placeOf).file()
    return { tree, faults: [] }
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    return {
      tree: { place: undefined, fields: [] },
      faults: [{ place: placeOf(error.offset), text: error.message }],
    }
  }
}

const deepest = 64

class Reader {
  private at = 0
  private depth = 0
  private readonly text: string
  private readonly placeOf: ReturnType<typeof placesOf>

  constructor(text: string, placeOf: ReturnType<typeof placesOf>) {
    this.text = text
    this.placeOf = placeOf
  }

  file(): LocatedMap {
    this.blanks()
    if (this.text[this.at] !== '{') this.fail('the file must be a JSON object')
    const tree = this.object()
    this.blanks()
    if (this.at < this.text.length) this.fail('the file must end after its object')
    return tree
  }

  private value(): Located {
    this.blanks()
    const first = this.text[this.at]
    const place = this.placeOf(this.at)
    if (first === '{') return this.object()
    if (first === '[') return { place, value: this.array() }
    if (first === '"') return { place, value: this.string() }
    return { place, value: this.word() }
  }

  private object(): LocatedMap {
    const place = this.placeOf(this.at)
    const fields: LocatedField[] = []
    const seen = new Map<string, number>()
    this.each('}', () => {
      const start = this.at
      if (this.text[start] !== '"') this.fail('expected a name in double quotes')
      const name = this.string()
      const line = seen.get(name)
      if (line !== undefined) this.fail(`${JSON.stringify(name)} was set on line ${line} already`, start)
      const own = this.placeOf(start)
      seen.set(name, own.line)
      this.blanks()
      if (this.text[this.at] !== ':') this.fail('expected a colon after the name')
      this.at++
      fields.push({ name, place: own, node: this.value() })
    })
    return { place, fields }
  }

  private array(): unknown[] {
    const items: unknown[] = []
    this.each(']', () => void items.push(plainOf(this.value())))
    return items
  }

  /** What stands between brackets, one after the other. */
  private each(end: '}' | ']', take: () => void): void {
    if (++this.depth > deepest) this.fail(`values may be nested ${deepest} deep`)
    this.at++
    this.blanks()
    for (let first = true; this.text[this.at] !== end || !first; first = false) {
      this.blanks()
      if (this.at >= this.text.length) this.fail(`the closing ${end} is missing`)
      if (this.text[this.at] === end) this.fail(`a comma stands before the closing ${end}`)
      take()
      this.blanks()
      if (this.text[this.at] === end) break
      if (this.text[this.at] !== ',') this.fail(`expected a comma or the closing ${end}`)
      this.at++
    }
    this.at++
    this.depth--
  }

  private string(): string {
    const start = this.at
    let end = start + 1
    while (end < this.text.length && this.text[end] !== '"' && this.text[end]! >= ' ')
      end += this.text[end] === '\\' ? 2 : 1
    if (this.text[end] !== '"') this.fail('the closing " is missing', start)
    this.at = end + 1
    try {
      return JSON.parse(this.text.slice(start, this.at)) as string
    } catch {
      return this.fail('an escape in the text is none of JSON', start)
    }
  }

  private word(): unknown {
    const start = this.at
    const word = /^[\w.+-]+/.exec(this.text.slice(start, start + 64))?.[0] ?? ''
    if (/^-?[\d.]/.test(word) && !isExactNumber(word)) this.fail(oddNumber)
    this.at += word.length
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    return word === '' || !isExactNumber(word) ? this.fail('expected a value', start) : Number(word)
  }

  private blanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++
  }

  private fail(message: string, at: number = this.at): never {
    throw new JsonMistake(at, message)
  }
}
