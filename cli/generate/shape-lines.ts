import type { FieldType } from '#core/ports/database'
import type { FieldSpec, Modifier } from '../fields/field.ts'

const unfiltered: ReadonlySet<FieldType> = new Set(['json', 'file'])
const unsorted: ReadonlySet<FieldType> = new Set(['json', 'file', 'list', 'text', 'bool', 'uuid', 'ref'])

const says = (field: FieldSpec, ...words: readonly Modifier[]): boolean =>
  words.some((word) => field.modifiers.has(word))
const leaves = (field: FieldSpec): boolean => !says(field, 'hidden', 'secret')

/**
 * What a list may be filtered by, a line each. The fields that say `filter` or `search`; when none says it, all that
 * leave and have operators.
 */
export function filterLines(fields: readonly FieldSpec[]): string[] {
  const said = fields.filter((field) => says(field, 'filter', 'search'))
  const chosen = said.length > 0 ? said : fields.filter((field) => leaves(field) && !unfiltered.has(field.type))
  return chosen.map((field) =>
    says(field, 'search') && !says(field, 'filter')
      ? `${field.name}: { by: ['contains', 'starts'], index: 'scan' },`
      : `${field.name}: true,`,
  )
}

/** What a list may be sorted by, in the same way; when it was made is always one. */
export function sortKeys(fields: readonly FieldSpec[]): string[] {
  const said = fields.filter((field) => says(field, 'sort'))
  const chosen = said.length > 0 ? said : fields.filter((field) => leaves(field) && !unsorted.has(field.type))
  return ['createdAt', ...chosen.map(({ name }) => name)]
}

/** The same as lines of the declaration, broken where they would be too long. */
export function sortLines(fields: readonly FieldSpec[]): string[] {
  const keys = sortKeys(fields).map((key) => `'${key}'`)
  const line = `keys: [${keys.join(', ')}],`
  return line.length <= 112 ? [line] : ['keys: [', ...keys.map((key) => `  ${key},`), '],']
}

/** Fields that clients write and never read: open in the table, hidden in answers. */
export function secretLines(fields: readonly FieldSpec[]): string[] {
  const secrets = fields.filter((field) => says(field, 'secret')).map(({ name }) => `'${name}'`)
  return secrets.length === 0 ? [] : [`fields: { hidden: [${secrets.join(', ')}] },`]
}
