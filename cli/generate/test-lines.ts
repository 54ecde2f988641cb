import type { FieldSpec, ItemType } from '../fields/field.ts'
import { camel, type Names } from './names.ts'

/** The parts of a resource's test that follow from its fields. */
export function testParts(names: Names, fields: readonly FieldSpec[]): Record<string, string[]> {
  const written = fields
    .filter(isInJson)
    .filter((field) => !isOf(field, 'readonly', 'hidden') && field.target !== names.table)
  const parents = new Set(written.flatMap(({ target }) => (target === undefined || target === 'users' ? [] : [target])))
  const steps = ["withUser('alice', { admin: true })", ...[...parents].map((table) => `with${pascal(table)}(1)`)]
  return {
    world: [`const world = () => Scenario().${steps.join('.')}.build()`],
    body: written.map((field) => `${field.name}: ${literalOf(field)},`),
    answer: answerLines(written.filter((field) => isOf(field, 'secret'))),
    unfit: unfitLines(written.find(({ optional }) => !optional)),
    taken: takenLines(
      names,
      written.find((field) => isOf(field, 'unique') && differs(field)),
    ),
  }
}

/** A file is uploaded. */
type InJson = FieldSpec & { readonly type: Exclude<FieldSpec['type'], 'file'> }
const isInJson = (field: FieldSpec): field is InJson => field.type !== 'file'

const isOf = ({ modifiers }: FieldSpec, ...words: readonly string[]): boolean =>
  words.some((word) => [...modifiers].some((one) => one === word))

/** Whether bodies of different numbers have different values. */
const differs = ({ type }: FieldSpec): boolean => !['enum', 'bool', 'ref'].includes(type)

const pascal = (table: string): string => camel(table).replace(/^./, (first) => first.toUpperCase())

function literalOf(field: InJson): string {
  if (field.type === 'enum') return `'${field.values?.[0]}'`
  if (field.type === 'list') return `[${sampleOf(field.items ?? 'string', field)}]`
  if (field.type === 'json') return '{ sample: n }'
  if (field.type === 'ref')
    return field.target === 'users' ? 's.users.alice.id' : `s.${camel(field.target ?? '')}[0]!.id`
  return sampleOf(field.type, field)
}

/** A value of a type as it travels on the wire, different for each `n`. */
function sampleOf(type: ItemType, { name, maxLength = 255, precision = 12, scale = 2 }: FieldSpec): string {
  const label = name.replace(/([A-Z])/g, ' $1').toLowerCase()
  const sentence = label.charAt(0).toUpperCase() + label.slice(1)
  const samples: Record<ItemType, string> = {
    string: numbered(maxLength >= sentence.length + 8 ? `${sentence} #` : '#'),
    text: numbered(`${sentence} #.`),
    int: 'n',
    bigint: numbered('900719925474099#'),
    decimal: decimalOf(precision, scale),
    float: 'n + 0.5',
    bool: 'true',
    date: numbered('2026-01-0#'),
    datetime: numbered('2026-01-0#T10:00:00.000Z'),
    uuid: numbered('0198c0de-0000-7000-8000-00000000000#'),
    email: numbered(`${name.toLowerCase().slice(0, 40)}-#@example.com`),
    url: numbered('https://example.com/#'),
  }
  return samples[type]
}

function decimalOf(precision: number, scale: number): string {
  if (scale === 0) return numbered('#')
  return numbered(precision === scale ? `0.${'0'.repeat(scale - 1)}#` : `#.${'95'.padEnd(scale, '0').slice(0, scale)}`)
}

/** A template literal with `n` in the place of `#`. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is one in the text that is written
const numbered = (text: string): string => `\`${text.replace('#', '${n}')}\``

/** What an answer shows of a body: secrets are taken and never given. */
function answerLines(secrets: readonly FieldSpec[]): string[] {
  if (secrets.length === 0) return ['const answerTo = (body: Body) => body']
  const names = secrets.map(({ name }) => name)
  return [`const answerTo = ({ ${names.join(', ')}, ...body }: Body) => body`]
}

function unfitLines(required: FieldSpec | undefined): string[] {
  if (!required) return ['const unfit = { ...bodyOf(1, s), nonsense: true }', "const pointer = '/nonsense'"]
  return [`const { ${required.name}: _, ...unfit } = bodyOf(1, s)`, `const pointer = '/${required.name}'`]
}

function takenLines({ path, manyWords }: Names, unique: FieldSpec | undefined): string[] {
  if (!unique) return []
  const { name } = unique
  return [
    '',
    `test('two ${manyWords} cannot have one ${name}', async ({ client }) => {`,
    '  const s = await world()',
    `  await client.postAs(s.users.alice, '/${path}', bodyOf(1, s))`,
    `  const again = { ...bodyOf(2, s), ${name}: bodyOf(1, s).${name} }`,
    `  const { status, body } = await client.postAs(s.users.alice, '/${path}', again)`,
    '  expect(status).toBe(409)',
    `  expect(body.errors).toContainEqual(expect.objectContaining({ pointer: '/${name}' }))`,
    '})',
  ]
}
