import type { FieldSpec } from '../fields/field.ts'

/** The fields of a table, a line each: `price: t.decimal(10, 2).nullable(),`. */
export function modelLines(fields: readonly FieldSpec[]): string[] {
  return fields.map((field) => `${field.name}: ${builderOf(field)},`)
}

function builderOf(field: FieldSpec): string {
  const { modifiers, optional, defaultValue } = field
  const words = [`t.${typeOf(field)}`]
  if (defaultValue !== undefined) words.push(`default('${defaultValue}')`)
  else if (optional) words.push('nullable()')
  if (modifiers.has('unique')) words.push('unique()')
  if (modifiers.has('index') || (field.type === 'ref' && !modifiers.has('unique'))) words.push('index()')
  if (modifiers.has('readonly')) words.push('readonly()')
  if (modifiers.has('hidden')) words.push('hidden()')
  return words.join('.')
}

function typeOf({ type, maxLength, precision, scale, values = [], items, target, onDelete }: FieldSpec): string {
  switch (type) {
    case 'string':
      return maxLength === undefined ? 'string()' : `string(${maxLength})`
    case 'decimal':
      return `decimal(${precision}, ${scale})`
    case 'enum':
      return `enum(${values.map((value) => `'${value}'`).join(', ')})`
    case 'list':
      return `list('${items}')`
    case 'ref':
      return onDelete === undefined ? `ref('${target}')` : `ref('${target}', { onDelete: '${onDelete}' })`
    default:
      return `${type}()`
  }
}
