import { createRequire } from 'node:module'
import type { Document, Node, Pair, Scalar, YAMLMap } from 'yaml'
import {
  isExactNumber,
  type Located,
  type LocatedField,
  type LocatedMap,
  oddNumber,
  type Place,
  type ReadFile,
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
  const document = parseDocument(source, how)
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const faults = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    place: placeOf(pos[0]),
    text: meanings[code] ?? `is no YAML (${code})`,
  }))
  const empty: LocatedMap = { place: undefined, fields: [] }
  if (faults.length > 0) return { tree: empty, faults }
  const walk = new Walk(document, placeOf)
  const tree = document.contents === null ? empty : walk.of(document.contents)
  // Which of two values was meant, nobody knows: as with broken syntax nothing of the file counts.
  if ('fields' in tree) return { tree: walk.isAmbiguous ? empty : tree, faults: walk.faults }
  return tree.value === null
    ? { tree: empty, faults: [] }
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
    const tooMuch = depth > deepest || (this.lib.isAlias(node) && ++this.aliases > mostAliases)
    if (tooMuch) this.faults.push({ place, text: 'values are nested too deep, or aliased too often' })
    if (tooMuch) return { place, value: null }
    const real = this.lib.isAlias(node) ? node.resolve(this.document) : node
    if (this.lib.isMap(real)) {
      this.checkNames(real)
      return { place, fields: real.items.map((pair) => this.field(pair, depth)) }
    }
    if (this.lib.isScalar(real)) {
      this.checkNumber(real)
      return { place, value: real.value }
    }
    if (!this.lib.isNode(real)) return { place, value: real ?? null }
    this.lib.visit(real as Node, {
      Scalar: (_, scalar) => this.checkNumber(scalar),
      Map: (_, map) => this.checkNames(map),
    })
    return { place, value: real.toJS(this.document, { maxAliasCount: 100 }) }
  }

  private field({ key, value }: Pair, depth: number): LocatedField {
    const place = this.at(key)
    const name = this.lib.isScalar(key) ? (key.source ?? String(key.value)) : String(key)
    return { name, place, node: this.of(value, place, depth + 1) }
  }

  private checkNumber(scalar: Scalar): void {
    if (typeof scalar.value === 'number' && !isExactNumber(scalar.source ?? ''))
      this.faults.push({ place: this.at(scalar), text: oddNumber })
  }

  private checkNames({ items }: YAMLMap): void {
    const seen = new Set<unknown>()
    for (const { key } of items) {
      const name = this.lib.isScalar(key) ? key.value : key
      if (seen.has(name)) {
        this.isAmbiguous = true
        this.faults.push({ place: this.at(key), text: meanings['DUPLICATE_KEY']! })
      }
      seen.add(name)
    }
  }

  private at(node: unknown): Place | undefined {
    const start = this.lib.isNode(node) ? node.range?.[0] : undefined
    return start === undefined ? undefined : this.placeOf(start)
  }
}
