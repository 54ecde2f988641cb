/** What the options of `kwik()` and its parts come to as settings, read from their interfaces. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Glob } from 'bun'
import { parseSync } from 'oxc-parser'
import { type Interface, interfacesOf, type Option } from './options-table.ts'

const root: string = `${import.meta.dir}/..`

/** Something that a text can stand for: how its schema is written, and what its value is in TypeScript. */
export interface LeafNode {
  readonly schema: string
  readonly type: string
}
export interface GroupNode {
  readonly fields: readonly FieldNode[]
}
export interface FieldNode {
  readonly name: string
  readonly option: Option
  readonly node: LeafNode | GroupNode
}

/** An option that is no text: a function, an object with a life of its own. */
export interface CodeOption {
  readonly key: string
  readonly option: Option
}

interface Sources {
  readonly interfaces: ReadonlyMap<string, Interface>
  readonly aliases: ReadonlyMap<string, string>
}

/** Groups of settings, by the interface of their options. `server` has what `kwik()` itself takes. */
export const parts: Readonly<Record<string, string>> = {
  server: 'KwikOptions',
  database: 'DatabaseOptions',
  log: 'LoggingOptions',
  tracing: 'TracingOptions',
  metrics: 'MetricsOptions',
  health: 'HealthOptions',
  headers: 'HeadersOptions',
  tokens: 'TokensOfKwik',
  accounts: 'AccountsServiceOptions',
  rateLimit: 'RateLimitOptions',
  idempotency: 'IdempotencyOptions',
  shaping: 'ShapingOptions',
  cache: 'CacheOptions',
  compression: 'CompressionOptions',
  openapi: 'OpenApiOptions',
}

/** Options of `kwik()` that are parts with groups of their own, or that the app makes itself. */
const ownGroups: ReadonlySet<string> = new Set([
  ...['database', 'redis', 'logging', 'health', 'headers', 'tokens', 'accounts', 'permissions'],
  ...[
    'rateLimit',
    'idempotency',
    'versions',
    'shaping',
    'openapi',
    'settings',
    'tenant',
    'tracing',
    'metrics',
    'cache',
    'compression',
    'events',
  ],
])

/** Groups with the settings of each part, and the options that only code can give. */
export function settingsOfParts(): { groups: ReadonlyMap<string, GroupNode>; inCode: readonly CodeOption[] } {
  const sources = readSources()
  const groups = new Map<string, GroupNode>()
  const inCode: CodeOption[] = []
  for (const [name, title] of Object.entries(parts)) {
    const options = withParents(title, sources).filter((one) => title !== 'KwikOptions' || !ownGroups.has(one.name))
    groups.set(name, { fields: fieldsOf(options, name, sources, inCode, 0) })
  }
  return { groups, inCode }
}

/** Every option of every part, as its key would be. */
export function optionsOfParts(): readonly CodeOption[] {
  const sources = readSources()
  return Object.entries(parts).flatMap(([name, title]) =>
    withParents(title, sources)
      .filter((one) => title !== 'KwikOptions' || !ownGroups.has(one.name))
      .map((option) => ({ key: `${name}.${option.name}`, option })),
  )
}

function readSources(): Sources {
  const interfaces = new Map<string, Interface>()
  const aliases = new Map<string, string>()
  for (const path of [...new Glob('{src,plugins}/**/*.ts').scanSync(root)].sort()) {
    const text = readFileSync(`${root}/${path}`, 'utf8')
    // An interface of a plugin's options file counts more than one of the same name elsewhere.
    const isFirst = (name: string): boolean => !interfaces.has(name) || /options\.ts$/.test(path)
    for (const [name, one] of interfacesOf(text)) if (isFirst(name)) interfaces.set(name, one)
    if (dirname(path) !== 'src') for (const [name, type] of aliasesOf(text)) aliases.set(name, type)
  }
  return { interfaces, aliases }
}

function aliasesOf(text: string): [string, string][] {
  return parseSync('types.ts', text).program.body.flatMap((statement): [string, string][] => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type !== 'TSTypeAliasDeclaration' || declared.typeParameters) return []
    const { start, end } = declared.typeAnnotation
    return [[declared.id.name, text.slice(start, end).replaceAll(/\s*\n\s*/g, ' ')]]
  })
}

function withParents(name: string, sources: Sources): readonly Option[] {
  const { options = [], parents = [] } = sources.interfaces.get(name) ?? {}
  return [...options, ...parents.flatMap((parent) => withParents(parent, sources))]
}

const deepest = 3

function fieldsOf(
  options: readonly Option[],
  above: string,
  sources: Sources,
  inCode: CodeOption[],
  depth: number,
): FieldNode[] {
  return options.flatMap((option) => {
    const { name } = option
    const key = `${above}.${name}`
    const found =
      depth < deepest && !/^(?:keys|secrets)$/.test(name) ? nodeOf(option.type, key, sources, inCode, depth) : undefined
    const node =
      found && 'schema' in found && isSecretName(name, found) ? { schema: 'secretLeaf', type: 'Secret' } : found
    if (!node) inCode.push({ key, option })
    return node ? [{ name, option, node }] : []
  })
}

const isSecretName = (name: string, { schema }: LeafNode): boolean =>
  schema === 'text' && /^(?:key|secret|password|token|apiKey|.*(?:Secret|Password|Token|ApiKey))$/.test(name)

function nodeOf(
  text: string,
  key: string,
  sources: Sources,
  inCode: CodeOption[],
  depth: number,
): LeafNode | GroupNode | undefined {
  const members = splitAt(unwrapped(text), '|').map((one) => unwrapped(one))
  const groups = members.map((one) => groupOf(one, key, sources, inCode, depth)).filter((one) => one !== undefined)
  const leaves = members.map((one) => leafOf(one, sources)).filter((one) => one !== undefined)
  const isPlain = (one: LeafNode): boolean => one.type !== 'false' && one.type !== 'true'
  if (groups.length > 0 && !leaves.some(isPlain)) return groups[0]
  return leaves.length === 0 ? undefined : union(leaves)
}

function union(leaves: readonly LeafNode[]): LeafNode | undefined {
  // `false` beside a text switches the part off, and `true` beside `false` is a boolean.
  const all = leaves.flatMap((one) =>
    one.schema.startsWith('oneOf(')
      ? splitAt(one.schema.slice(6, -1), ',').map((word) => ({ schema: `is(${word.trim()})`, type: word.trim() }))
      : [one],
  )
  const unique = [...new Map(all.map((one) => [one.schema, one])).values()]
  const type = unique.map((one) => one.type).join(' | ')
  if (unique.length === 1) return unique[0]
  if (unique.every(({ schema }) => schema.startsWith('is(')))
    return { schema: `oneOf(${unique.map((one) => one.schema.slice(3, -1)).join(', ')})`, type }
  return { schema: `either(${unique.map((one) => one.schema).join(', ')})`, type }
}

function leafOf(text: string, sources: Sources): LeafNode | undefined {
  if (text === 'boolean') return { schema: 'flag', type: 'boolean' }
  if (text === 'number') return { schema: 'number', type: 'number' }
  if (text === 'string') return { schema: 'text', type: 'string' }
  if (text === 'Duration') return { schema: 'duration', type: 'Duration' }
  if (text === 'Size') return { schema: 'size', type: 'Size' }
  if (/^(?:'[^']*'|\d+|true|false)$/.test(text)) return { schema: `is(${text})`, type: text }
  const item = /^(?:readonly )?(.+)\[\]$/.exec(text)?.[1]
  if (item !== undefined) {
    const inner = textual(item, sources)
    return inner && { schema: `listOf(${inner.schema})`, type: `readonly (${inner.type})[]` }
  }
  const value = /^Readonly<Record<string, (.+)>>$/.exec(text)?.[1]
  if (value !== undefined) {
    const inner = textual(value, sources)
    return inner && { schema: `recordOf(${inner.schema})`, type: `Readonly<Record<string, ${inner.type}>>` }
  }
  const alias = sources.aliases.get(text)
  return alias === undefined ? undefined : textual(alias, sources)
}

/** A type of which every value is a text, or of which the part that is. */
function textual(text: string, sources: Sources): LeafNode | undefined {
  const leaves = splitAt(unwrapped(text), '|').map((one) => leafOf(unwrapped(one), sources))
  const found = leaves.filter((one) => one !== undefined)
  return found.length === 0 ? undefined : union(found)
}

function groupOf(
  text: string,
  key: string,
  sources: Sources,
  inCode: CodeOption[],
  depth: number,
): GroupNode | undefined {
  const alias = sources.aliases.get(text)
  if (alias !== undefined) {
    const inner = nodeOf(alias, key, sources, [], depth)
    return inner && 'fields' in inner ? inner : undefined
  }
  const options = text.startsWith('{')
    ? (interfacesOf(`interface Inline ${text}`).get('Inline')?.options ?? [])
    : sources.interfaces.has(text)
      ? withParents(text, sources)
      : []
  if (options.some(({ type }) => type.startsWith('('))) return undefined
  const own: CodeOption[] = []
  const fields = fieldsOf(options, key, sources, own, depth + 1)
  if (fields.length > 0) inCode.push(...own)
  return fields.length === 0 ? undefined : { fields }
}

function unwrapped(text: string): string {
  const bare = text.trim()
  return /^\(.*\)$/s.test(bare) && closes(bare) ? unwrapped(bare.slice(1, -1)) : bare
}

/** Whether the bracket that opens a text is closed by its last character. */
function closes(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at === text.length - 1
  }
  return false
}

/** Parts of a type between a sign that stands in no brackets and no quotes. */
function splitAt(text: string, sign: string): string[] {
  const parts = ['']
  let depth = 0
  let quote = ''
  for (const [at, one] of [...text].entries()) {
    if (quote !== '') quote = one === quote ? '' : quote
    else if (/['"`]/.test(one)) quote = one
    else if (/[([{<]/.test(one)) depth++
    else if (/[)\]}>]/.test(one) && text[at - 1] !== '=') depth--
    if (one === sign && depth === 0 && quote === '') parts.push('')
    else parts[parts.length - 1] += one
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}
