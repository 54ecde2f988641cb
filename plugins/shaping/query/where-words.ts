/** One word of a `where`: a bracket, a comma, a bare word, or a text in quotes. */
export interface Word {
  readonly kind: '(' | ')' | ',' | 'word' | 'quoted' | 'unclosed' | 'end'
  readonly text: string
  readonly offset: number
  readonly length: number
}

/** Reads the words of a `where` one by one: nothing is read beyond the first mistake. */
export class Words {
  private readonly text: string
  private at = 0
  private peeked: Word | undefined

  constructor(text: string) {
    this.text = text
  }

  get next(): Word {
    return (this.peeked ??= this.read())
  }

  take(): Word {
    const word = this.next
    this.peeked = undefined
    return word
  }

  private read(): Word {
    const { text } = this
    while (this.at < text.length && isSpace(text[this.at]!)) this.at++
    const offset = this.at
    const letter = text[offset]
    if (letter === undefined) return { kind: 'end', text: '', offset, length: 0 }
    if (letter === '(' || letter === ')' || letter === ',') return this.make(letter, letter, offset, offset + 1)
    if (letter === '"') return this.quoted(offset)
    let end = offset
    while (end < text.length && !isSpace(text[end]!) && !'(),"'.includes(text[end]!)) end++
    return this.make('word', text.slice(offset, end), offset, end)
  }

  private quoted(offset: number): Word {
    const { text } = this
    let value = ''
    for (let i = offset + 1; i < text.length; i++) {
      const letter = text[i]!
      if (letter === '"') return this.make('quoted', value, offset, i + 1)
      value += letter === '\\' && i + 1 < text.length ? text[++i] : letter
    }
    return this.make('unclosed', value, offset, text.length)
  }

  private make(kind: Word['kind'], value: string, offset: number, end: number): Word {
    this.at = end
    return { kind, text: value, offset, length: end - offset }
  }
}

const isSpace = (letter: string): boolean => letter === ' ' || letter === '\t' || letter === '\n' || letter === '\r'
