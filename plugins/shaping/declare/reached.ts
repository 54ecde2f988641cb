import type { TableLike } from '#core/ports/database'
import type { AnyShape } from '../types.ts'
import type { Model } from './model.ts'
import { modelBehind } from './models.ts'
import { asksTenantAlone } from './row-rules.ts'

/** What a list's answers are made of, with all that its relations lead to. */
export interface Reached {
  readonly tables: readonly TableLike[]
  /** Whether which rows there are depends on who asks, and not on their tenant alone. */
  readonly scoped: boolean
  /** Whether what a query means, and what rows show, depends on what the caller may do. */
  readonly guarded: boolean
}

/** Asked for late: relations may lead to shapes that come later in a file. */
export function reachedBy(shape: AnyShape): Reached {
  const models = new Set<Model>()
  const visit = (model: Model): void => {
    if (models.has(model)) return
    models.add(model)
    for (const { target } of model.relations.values()) visit(target)
  }
  const model = modelBehind(shape)
  if (model) visit(model)
  return {
    tables: [...new Set([...models].map(({ table }) => table))],
    scoped: [...models].some(({ declaration: { scope } }) => scope !== undefined && !asksTenantAlone(scope)),
    guarded: model?.guarded === true,
  }
}
