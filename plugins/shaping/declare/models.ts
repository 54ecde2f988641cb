import type { AnyShape } from '../types.ts'
import type { Model } from './model.ts'

/** What shapes were made of, for those that lead to them. */
const models = new WeakMap<AnyShape, Model>()

export const rememberModel = (shape: AnyShape, model: Model): void => void models.set(shape, model)
export const modelBehind = (shape: AnyShape): Model | undefined => models.get(shape)
