import { type AnyDeclaration, type AnyShape, shape } from '../shaping/index.ts'
import type { AnyResourceOptions } from './options.ts'

/** The list as a shape, and what it was declared with: its hidden fields and its scope hold for single rows too. */
export function listOf({ table, list = {} }: AnyResourceOptions): readonly [AnyShape, AnyDeclaration] {
  if ('from' in list && 'hook' in list) return [list as AnyShape, (list as AnyShape).declaration]
  return [shape(table, list as object), list as AnyDeclaration]
}
