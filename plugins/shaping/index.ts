export type { ShapingOptions } from './options.ts'
export { type ShapingPlugin, shaping } from './plugin.ts'
export { shape } from './shape.ts'
export type {
  AnyDeclaration,
  AnyShape,
  CountMode,
  Declaration,
  FieldName,
  Filters,
  List,
  Listed,
  ListHook,
  Operator,
  OperatorsOf,
  Page,
  PageInfo,
  QueryOf,
  RowOf,
  RowScope,
  RowScopeValue,
  ScopeContext,
  Shape,
  SortWord,
  Visible,
} from './types.ts'
