import type { Dialect } from '#core/ports/database'
import type { Model } from '../declare/model.ts'
import type { Frames } from './frames.ts'

/** What is bound to the placeholders of a statement, in their order: what a frame or a leaf brings, a key of the cursor, rows to pass over, or the rows that are expanded. */
export type Bind =
  | { readonly kind: 'frame'; readonly of: Model | undefined }
  | { readonly kind: 'leaf'; readonly at: number }
  | { readonly kind: 'key'; readonly at: number }
  | { readonly kind: 'skip' }
  | { readonly kind: 'parents' }

/** A statement in the making: its text is put together by others, its placeholders and what they are bound to are counted here. */
export class SqlText {
  readonly binds: Bind[] = []
  readonly place: () => string
  private leaves = 0

  /** @param mark what every placeholder is, where somebody else will number them */
  constructor(dialect: Dialect, mark?: string) {
    let count = 0
    this.place = mark !== undefined ? () => mark : dialect === 'postgresql' ? () => `$${++count}` : () => '?'
  }

  /** The next leaf, in the order of `partsOf`: its placeholders come next. */
  leaf(): void {
    this.binds.push({ kind: 'leaf', at: this.leaves++ })
  }

  /** Writes the text of a frame, whose parameters are marked in it; `of` says whose it is, nobody's is the root's. */
  frame({ text }: RenderedFrame, of?: Model): string {
    if (text === '') return ''
    this.binds.push({ kind: 'frame', of })
    const [first, ...more] = text.split(mark)
    return first! + more.map((piece) => this.place() + piece).join('')
  }

  key(at: number): string {
    this.binds.push({ kind: 'key', at })
    return this.place()
  }

  skip(): string {
    this.binds.push({ kind: 'skip' })
    return this.place()
  }

  parents(): string {
    this.binds.push({ kind: 'parents' })
    return this.place()
  }
}

/** Stands for a placeholder in a text that is part of another one. */
export const mark = '\0'

/** The rows of a table that there are for a caller, as SQL with marks for its parameters. */
export interface RenderedFrame {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/** A statement that was made once, and is kept. */
export interface Statement {
  readonly text: string
  readonly binds: readonly Bind[]
}

/** What the placeholders of a statement are bound to in one request. */
export interface Bound {
  readonly frames: Frames
  readonly leaves: readonly (readonly unknown[])[]
  readonly keys?: readonly unknown[]
  readonly skip?: number | undefined
  readonly parents?: unknown
}

export function parametersOf({ binds }: Statement, { frames, leaves, keys, skip, parents }: Bound): unknown[] {
  const parameters: unknown[] = []
  for (const bind of binds) {
    if (bind.kind === 'key') parameters.push(keys![bind.at])
    else if (bind.kind === 'skip') parameters.push(skip)
    else if (bind.kind === 'parents') parameters.push(parents)
    else for (const one of bind.kind === 'leaf' ? leaves[bind.at]! : frames.of(bind.of).parameters) parameters.push(one)
  }
  return parameters
}
