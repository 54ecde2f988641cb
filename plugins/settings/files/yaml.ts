import { createRequire } from 'node:module'
import type { Document, Node, Pair, Scalar, YAMLError, YAMLMap } from 'yaml'
import {
  broken,
  isExactNumber,
  type Located,
  type LocatedField,
  type LocatedMap,
  oddNumber,
  type Place,
  type ReadFile,
  withoutMark,
} from './located.ts'
import { readEvents } from './yaml-events.ts'

type Yaml = typeof import('yaml')

/** Loaded when the first YAML file is read, at once: settings are read while a module loads. Bundlers see the word in Bun's form. */
function yaml(): Yaml {
  return typeof require === 'function' ? require('yaml') : createRequire(import.meta.url)('yaml')
}

/** What the parser's codes mean. Its own messages may show a part of the text. */
const meanings: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the name was set already',
  TAB_AS_INDENT: 'a tab indents the line: YAML takes spaces',
  BAD_INDENT: 'the line is indented differently than those it belongs to',
  MISSING_CHAR: 'a closing quote, bracket or colon is missing',
  MULTIPLE_DOCS: 'the file has more than one document',
  BAD_ALIAS: 'an alias has no anchor before it',
  MULTILINE_IMPLICIT_KEY: 'a name goes over several lines: is a colon missing?',
  BLOCK_AS_IMPLICIT_KEY: 'a colon stands inside a plain text: put the text in quotes',
  BAD_SCALAR_START: 'a plain text cannot begin with this character: put it in quotes',
  BAD_DQ_ESCAPE: 'an escape in double quotes is none of YAML',
  UNEXPECTED_TOKEN: 'nothing of the kind can stand here',
  TAG_RESOLVE_FAILED: 'a tag is not known',
}

const tooMuch = 'values are nested too deep, or aliased too often'
const merges = 'YAML 1.2 has no merge keys: write the names out'

/** The parser has one code for a bracket that is never closed and for a line that is indented wrongly. */
const meaningOf = ({ code, message }: YAMLError): string =>
  message.startsWith('Flow ') && /must .*end with a [}\]]/.test(message)
    ? 'a bracket is not closed, or a line inside of it is indented too little'
    : (meanings[code] ?? `is no YAML (${code})`)

/** Reads the text of a YAML file (YAML 1.2, core schema) with the place of each value. */
export function parseYaml(source: string): ReadFile {
  const tree = readEvents(source)
  return tree === undefined ? parseTree(source) : { tree, faults: [] }
}

/** The same by the package that takes its time and says best what is wrong. */
export function parseTree(source: string): ReadFile {
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  // The parser compares every name of a map with every other: a file of ten thousand would take seconds.
  const how = { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const
  const document = parseDocument(withoutMark(source), how)
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const faults = [...document.errors, ...document.warnings].map((error) => ({
    place: placeOf(error.pos[0]),
    text: meaningOf(error),
  }))
  const empty: LocatedMap = { place: undefined, fields: [] }
  if (faults.length > 0) return { tree: empty, faults }
  const walk = new Walk(document, placeOf)
  const tree = document.contents === null ? empty : walk.of(document.contents)
  // Which of two values was meant, nobody knows: as with broken syntax nothing of the file counts.
  if ('fields' in tree) return { tree: walk.isAmbiguous ? empty : tree, faults: walk.faults }
  return tree.value === null || walk.faults.length > 0
    ? { tree: empty, faults: walk.faults }
    : { tree: empty, faults: [{ place: tree.place, text: 'the file must have names with values' }] }
}

const deepest = 64
const mostAliases = 100

/** One walk through a document. */
class Walk {
  readonly faults: { place: Place | undefined; text: string }[] = []
  private readonly document: Document
  private readonly placeOf: (offset: number) => Place
  private readonly lib: Yaml = yaml()
  private readonly told = new Set<string>()
  /** A map has a name twice. */
  isAmbiguous = false
  private aliases = 0

  constructor(document: Document, placeOf: (offset: number) => Place) {
    this.document = document
    this.placeOf = placeOf
  }

  of(node: unknown, above: Place | undefined = undefined, depth = 0): Located {
    const place = this.at(node) ?? above
    // An alias can name what it stands in, and a few can name each other a billion times over.
    if (depth > deepest || (this.lib.isAlias(node) && ++this.aliases > mostAliases)) return this.broken(place, tooMuch)
    const real = this.lib.isAlias(node) ? node.resolve(this.document) : node
    if (real === undefined && this.lib.isAlias(node)) return this.broken(place, meanings['BAD_ALIAS']!)
    if (this.lib.isMap(real)) {
      this.checkNames(real)
      const pairs = real.items.filter((pair) => !this.isMerge(pair))
      return { place, fields: pairs.map((pair) => this.field(pair, depth)) }
    }
    if (this.lib.isScalar(real)) return { place, value: this.checkNumber(real) ? real.value : broken }
    if (!this.lib.isNode(real)) return { place, value: real ?? null }
    return { place, value: this.plain(real, place) }
  }

  /** A list. What is wrong inside of it is told with its own place. */
  private plain(list: Node, place: Place | undefined): unknown {
    const before = this.told.size
    this.lib.visit(list, {
      Scalar: (_, scalar) => void this.checkNumber(scalar),
      Map: (_, map) => this.checkNames(map),
    })
    try {
      const value: unknown = list.toJS(this.document, { maxAliasCount: mostAliases })
      return this.told.size === before ? value : broken
    } catch {
      // The package's own message has no place, and shows the name of the anchor.
      const known = this.told.size
      this.lib.visit(list, {
        Alias: (_, alias) => {
          if (alias.resolve(this.document) === undefined) this.fault(this.at(alias), meanings['BAD_ALIAS']!)
        },
      })
      if (this.told.size === known) this.fault(place, tooMuch)
      return broken
    }
  }

  private broken(place: Place | undefined, text: string): Located {
    this.fault(place, text)
    return { place, value: broken }
  }

  /** Through aliases one mistake is met several times. */
  private fault(place: Place | undefined, text: string): void {
    const line = `${place?.line}:${place?.column} ${text}`
    if (!this.told.has(line)) this.faults.push({ place, text })
    this.told.add(line)
  }

  private field({ key, value }: Pair, depth: number): LocatedField {
    const place = this.at(key)
    const name = this.lib.isScalar(key) ? (key.source ?? String(key.value)) : String(key)
    return { name, place, node: this.of(value, place, depth + 1) }
  }

  private checkNumber(scalar: Scalar): boolean {
    const isRight = typeof scalar.value !== 'number' || isExactNumber(scalar.source ?? '')
    if (!isRight) this.fault(this.at(scalar), oddNumber)
    return isRight
  }

  private isMerge({ key, value }: Pair): boolean {
    return this.lib.isScalar(key) && key.type === 'PLAIN' && key.value === '<<' && !this.lib.isScalar(value)
  }

  private checkNames({ items }: YAMLMap): void {
    const seen = new Set<unknown>()
    for (const pair of items) {
      const { key } = pair
      if (this.isMerge(pair)) this.fault(this.at(key), merges)
      const name = this.lib.isScalar(key) ? key.value : key
      if (seen.has(name)) {
        this.isAmbiguous = true
        this.fault(this.at(key), meanings['DUPLICATE_KEY']!)
      }
      seen.add(name)
    }
  }

  private at(node: unknown): Place | undefined {
    const start = this.lib.isNode(node) ? node.range?.[0] : undefined
    return start === undefined ? undefined : this.placeOf(start)
  }
}
