export type { ShapingOptions } from './options.ts'
export { type ShapingPlugin, shaping } from './plugin.ts'
export type {
  CountMode,
  FieldName,
  Filters,
  Listed,
  Operator,
  OperatorsOf,
  QueryOf,
  RowOf,
  SortWord,
  Visible,
} from './row-types.ts'
export { shape } from './shape.ts'
export type {
  AnyDeclaration,
  AnyShape,
  Declaration,
  List,
  ListHook,
  Page,
  PageInfo,
  RowScope,
  RowScopeValue,
  ScopeContext,
  Shape,
} from './types.ts'
