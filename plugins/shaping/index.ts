export type { AnswerOf, PythonPage, PythonQuery, PythonWords } from './compat.types.ts'
export type {
  AnyDeclaration,
  Budget,
  Declaration,
  FilterRule,
  JsonFilter,
  RowScope,
  RowScopeValue,
  ScopeContext,
  TextIndex,
} from './declare/declaration.ts'
export { json } from './declare/declared-filters.ts'
export { type Reached, reachedBy } from './declare/reached.ts'
export { many, one } from './declare/relations.ts'
export { asksTenantAlone, everyRule, ownRows, type RowRule, tenantRows } from './declare/row-rules.ts'
export { exportFormats } from './export/export.ts'
export { checkIndexes } from './indexes/check.ts'
export type { IndexFinding, IndexReport, MissingIndex } from './indexes/report.ts'
export type {
  MakeMemoryShape,
  MemoryDeclaration,
  MemoryList,
  MemoryMore,
  MemoryRows,
  MemoryScope,
  MemoryShape,
} from './memory/types.ts'
export type { CursorRules, ShapingOptions } from './options.ts'
export { type ShapingPlugin, shaping } from './plugin.ts'
export type {
  Many,
  ManyOptions,
  One,
  RelatedSort,
  RelationOptions,
  Relations,
  ShapeFacts,
  Target,
} from './relations.types.ts'
export { expandedSchemas } from './row-schema.ts'
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
export { type Reference, referencesOf } from './sql/references.ts'
export { type SearchMigration, searchMigration } from './sql/search-migration.ts'
export type {
  AnyShape,
  Explained,
  ExportFormat,
  ExportHook,
  ExportOnly,
  ExportOptions,
  ExportQuery,
  ExportRules,
  FilterHook,
  FilterOnly,
  List,
  ListHook,
  More,
  Page,
  PageInfo,
  Shape,
} from './types.ts'
