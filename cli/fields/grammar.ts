import { nearest } from '#core/internal/spelling'
import type { FieldType } from '#core/ports/database'
import { misused } from '../failure.ts'
import { camel } from '../generate/names.ts'
import { readArguments } from './arguments.ts'
import { type FieldSpec, fieldTypes, type Modifier, modifiers } from './field.ts'
import { FieldMistake } from './mistake.ts'
import { whyReserved } from './reserved.ts'
import { shellTrap } from './shell-traps.ts'

/**
 * Reads the fields of a resource, `name:type[:argument][:modifier…][!]` each.
 *
 * Every mistake of every field is told at once. A field is required when it ends in `!`; the mark comes last, because
 * anywhere else an interactive zsh takes it for its history.
 *
 * @param inputs the words of the command line
 * @throws {CliFailure} with exit code 2, listing what is wrong and how to write it
 * @example
 * parseFields(['name:string!', 'price:decimal:10.2', 'status:enum:draft,live=draft'])
 */
export function parseFields(inputs: readonly string[]): FieldSpec[] {
  const wrong: string[] = []
  const fields: FieldSpec[] = []
  for (const input of inputs) {
    try {
      fields.push(parseField(input))
    } catch (error) {
      if (!(error instanceof FieldMistake)) throw error
      wrong.push(error.message)
    }
  }
  const seen = new Set<string>()
  for (const { name } of fields) {
    if (seen.has(name)) wrong.push(`field "${name}" is there twice`)
    seen.add(name)
  }
  if (wrong.length > 0) throw misused(wrong.join('\n'))
  return fields
}

function parseField(input: string): FieldSpec {
  const trap = shellTrap(input)
  if (trap !== undefined) throw new FieldMistake(trap)
  const required = input.endsWith('!')
  const parts = (required ? input.slice(0, -1) : input).split(':')
  const [written = '', type = 'string', ...rest] = parts
  const name = nameOf(written, input)
  if (!isType(type)) throw new FieldMistake(unknownType(type, input))
  const { spec, left } = readArguments(type, rest, input)
  const words = modifiersOf(left, type, input)
  if (required && words.has('optional')) throw new FieldMistake(`${input} says both optional and !: write one of them`)
  if (required && type === 'file')
    throw new FieldMistake(`${input} cannot be required: a row is there before its file, so leave out the !`)
  const field = { name: type === 'ref' ? `${name}Id` : name, type, optional: !required, modifiers: words, ...spec }
  if (!field.optional && field.onDelete === 'set null')
    throw new FieldMistake(`${input} cannot be set to null when ${field.target} go: leave out the ! or write cascade`)
  const reserved = whyReserved(field.name)
  if (reserved !== undefined) throw new FieldMistake(reserved)
  return field
}

function nameOf(written: string, input: string): string {
  if (Object.hasOwn(Object.prototype, written)) throw new FieldMistake(whyReserved(written) ?? written)
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(written))
    throw new FieldMistake(
      `"${written}" in ${input} is no field name: letters, digits and _ only, and a letter first, as in unitPrice:decimal:10.2`,
    )
  return camel(written)
}

function modifiersOf(words: readonly string[], type: FieldType, input: string): Set<Modifier> {
  const found = new Set<Modifier>()
  for (const word of words) {
    if (!isModifier(word)) throw new FieldMistake(unknownModifier(word, type, input))
    found.add(word)
  }
  if (found.has('search') && !['string', 'text', 'email', 'url'].includes(type))
    throw new FieldMistake(`${input}: only text can be searched, not ${type}`)
  if ((found.has('hidden') || found.has('secret')) && (found.has('filter') || found.has('sort') || found.has('search')))
    throw new FieldMistake(`${input}: what never leaves can be neither filtered, sorted nor searched by`)
  if ((found.has('sort') || found.has('unique')) && (type === 'json' || type === 'list'))
    throw new FieldMistake(`${input}: a ${type} has no order and no one value: leave out ${[...found].join(', ')}`)
  return found
}

const isType = (word: string): word is FieldType => fieldTypes.some((one) => one === word)
const isModifier = (word: string): word is Modifier => modifiers.some((one) => one === word)

function unknownType(type: string, input: string): string {
  const [before = '', value] = type.split('=')
  if (value !== undefined && isType(before))
    return `only an enum has its default here: leave "=${value}" out of ${input}, and say .default(...) in the model that is written`
  const close = nearest(type, fieldTypes)
  return `unknown type "${type}" in ${input}${close === undefined ? `; there are: ${fieldTypes.join(', ')}` : ` — did you mean ${close}?`}`
}

function unknownModifier(word: string, type: FieldType, input: string): string {
  const known = type === 'ref' ? ['cascade', 'restrict', 'set-null', ...modifiers] : modifiers
  const close = nearest(word, known)
  if (close !== undefined) return `unknown word "${word}" in ${input} — did you mean ${close}?`
  return `"${word}" says nothing about ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type} in ${input}; there are: ${known.join(', ')}`
}
