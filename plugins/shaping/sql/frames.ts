import type { Model } from '../declare/model.ts'
import type { RenderedFrame } from './sql-text.ts'

/** Which rows of each table there are for the caller of one request. */
export class Frames {
  private readonly root: RenderedFrame
  private readonly make: (model: Model) => RenderedFrame
  private made: Map<Model, RenderedFrame> | undefined

  /**
   * @param root of the list itself, with what its handler adds
   * @param make of the tables that it leads to: each is made once
   */
  constructor(root: RenderedFrame, make: (model: Model) => RenderedFrame) {
    this.root = root
    this.make = make
  }

  /** Nobody's is the root's. */
  of(model: Model | undefined): RenderedFrame {
    if (model === undefined) return this.root
    this.made ??= new Map()
    let frame = this.made.get(model)
    if (!frame) {
      frame = this.make(model)
      this.made.set(model, frame)
    }
    return frame
  }

  /** What of them a statement's text depends on. */
  textOf(targets: readonly Model[]): string {
    if (targets.length === 0) return this.root.text
    const texts = [undefined, ...targets].map((one) => this.of(one).text)
    return texts.some((text) => text !== '') ? texts.join('\n') : ''
  }
}
