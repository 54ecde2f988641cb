import { nearest } from '#core/internal/spelling'
import { Secret } from '#core/secret'
import type { Definition } from './definition.ts'
import { invalid, type SettingsFault } from './errors.ts'
import { broken, isMap, isPlainObject, type LocatedMap, located, type Place, plainOf } from './files/located.ts'
import type { Layers, Sourced } from './layers/layers.ts'
import { type Group, isGroup, type Leaf, type Node } from './leaves.ts'
import type { VariableNames } from './names.ts'
import { isReference } from './secrets/reference.ts'

/** A value that somebody gave to a setting. The last one given counts. */
export interface Candidate {
  readonly raw: unknown
  /** Whether it is a text that is yet to become a value: of a variable, a file or a flag. */
  readonly isText: boolean
  /** Whether `${other.setting}` in it is the value of another setting: files of values alone. A password may well have a dollar. */
  readonly interpolates: boolean
  /** As it may be shown: masked where it is a secret. */
  readonly shown: string
  /** `default`, `config/base.yaml:3:9`, `.env:4 PORT`, `env PORT`, `--set server.port`, `override`. */
  readonly from: string
}

/** Everything that was given, by the key of the setting. */
export type History = Map<string, readonly Candidate[]>

/** Where a tree of values was found. */
interface TreeSource {
  readonly interpolates: boolean
  from(place: Place | undefined): string
}

/** What layers say about each setting. What nobody knows, or is no value, goes to `faults`. */
export function historyOf(definition: Definition, layers: Layers, faults: SettingsFault[]): History {
  const { root, leaves } = definition
  const history: History = new Map()
  for (const leaf of leaves.values())
    if (leaf.schema['default'] !== undefined) give(history, leaf, leaf.schema['default'], 'default')
  const reader = new LayerReader(definition, history, faults)
  for (const { tree, variables = [], keyed = [] } of layers.layers) {
    if (tree) {
      const { file } = tree
      const from = (place: Place | undefined): string => (place ? `${file}:${place.line}:${place.column}` : file)
      readTree(root, tree.root, { interpolates: true, from }, history, faults)
    }
    reader.variables(variables)
    for (const { key, text, from } of keyed) reader.keyed(key, text, from)
  }
  return history
}

/** Adds values that code gave, on top of all others. */
export function giveTree(root: Group, values: object, from: string, history: History, faults: SettingsFault[]): void {
  readTree(root, located(values) as LocatedMap, { interpolates: false, from: () => from }, history, faults)
}

class LayerReader {
  private readonly leaves: Definition['leaves']
  private readonly names: VariableNames
  private readonly history: History
  private readonly faults: SettingsFault[]

  constructor({ leaves, names }: Definition, history: History, faults: SettingsFault[]) {
    this.leaves = leaves
    this.names = names
    this.history = history
    this.faults = faults
  }

  /** The variables of one layer: groups first, then plain names, then names that follow from the place, which count more. */
  variables(all: readonly Sourced[]): void {
    const said = new Map<string, Sourced>()
    for (const one of all) {
      const trouble = this.names.trouble(one.name)
      if (trouble !== undefined) this.faults.push(invalid(`${one.from} ${trouble}`))
      const name = this.names.meantBy(one.name)
      if (name === undefined || (one.text === '' && !this.leafOf(name)?.allowEmpty)) continue
      const other = said.get(name)
      if (other && other.name !== one.name)
        this.faults.push(invalid(`${other.from} and ${one.from} both set one setting: keep one of them`))
      said.set(name, one)
    }
    for (const [name, one] of said) {
      const group = this.names.ownerOf(name)
      if (group && isGroup(group)) this.group(group, one)
    }
    const given = [...said].flatMap(([name, one]) => {
      const leaf = this.leafOf(name)
      return leaf ? [{ leaf, one, rank: leaf.variables.indexOf(name) }] : []
    })
    for (const { leaf, one } of given.sort((a, b) => a.rank - b.rank))
      give(this.history, leaf, one.text, one.from, true)
  }

  keyed(key: string, text: string, from: string): void {
    const leaf = this.leaves.get(key)
    if (leaf && (text !== '' || leaf.allowEmpty)) give(this.history, leaf, text, from, true)
    if (!leaf) this.faults.push(invalid(`${key} is not a setting${meant(key, this.leaves.keys())} (from ${from})`, key))
  }

  private leafOf(variable: string): Leaf | undefined {
    const owner = this.names.ownerOf(variable)
    return owner && !isGroup(owner) ? owner : undefined
  }

  private group(group: Group, { text, from }: Sourced): void {
    const values = parsed(text)
    const trouble = isReference(text)
      ? `${group.key} is a group: a reference stands for one setting (from ${from})`
      : `${group.key} must be a JSON object (from ${from})`
    if (!isPlainObject(values)) this.faults.push(invalid(trouble, group.key))
    else
      readTree(
        group,
        located(values) as LocatedMap,
        { interpolates: false, from: () => from },
        this.history,
        this.faults,
      )
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What the parser says would show the text.
    return undefined
  }
}

/** Takes a tree of values apart into settings. */
function readTree(group: Group, tree: LocatedMap, source: TreeSource, history: History, faults: SettingsFault[]): void {
  for (const { name, place, node } of tree.fields) {
    const part: Node | undefined = Object.hasOwn(group.parts, name) ? group.parts[name] : undefined
    const value = isMap(node) ? undefined : node.value
    if (part === undefined) {
      const key = group.key === '' ? name : `${group.key}.${name}`
      const known = Object.keys(group.parts)
      const from = source.from(place)
      faults.push(
        invalid(
          source.interpolates
            ? `${from} unknown key ${key}${meant(name, known, group.key)}`
            : `${key} is not a setting${meant(name, known)} (from ${from})`,
          key,
        ),
      )
    } else if (isGroup(part)) {
      if (isMap(node)) readTree(part, node, source, history, faults)
      // A name with nothing below it: everything there is a comment.
      else if (value !== null && value !== undefined && value !== broken)
        faults.push(invalid(`${part.key} is a group of settings (from ${source.from(place)})`, part.key))
    } else if (isMap(node) || value !== undefined) {
      const plain = isMap(node) ? plainOf(node) : value instanceof Secret ? value.reveal() : value
      give(history, part, plain, source.from(node.place ?? place), false, source.interpolates)
    }
  }
}

function meant(word: string, known: Iterable<string>, group = ''): string {
  const close = nearest(word, known)
  return close === undefined ? '' : `, did you mean "${group === '' ? close : `${group}.${close}`}"?`
}

/** Made for every value, and shown only where somebody asks. */
class Given implements Candidate {
  readonly raw: unknown
  readonly from: string
  readonly isText: boolean
  readonly interpolates: boolean
  private readonly leaf: Leaf

  constructor(leaf: Leaf, raw: unknown, from: string, isText: boolean, interpolates: boolean) {
    this.leaf = leaf
    this.raw = raw
    this.from = from
    this.isText = isText
    this.interpolates = interpolates
  }

  get shown(): string {
    return shownOf(this.leaf, this.raw)
  }
}

function give(history: History, leaf: Leaf, raw: unknown, from: string, isText = false, interpolates = false): void {
  const candidate = new Given(leaf, raw, from, isText, interpolates)
  const before = history.get(leaf.key)
  history.set(leaf.key, before === undefined ? [candidate] : [...before, candidate])
}

/** A value as it may be shown. What names a secret in a store is none itself. */
export function shownOf(leaf: Leaf, value: unknown): string {
  const text = JSON.stringify(value instanceof Secret ? '***' : value) ?? String(value)
  if (!isReference(value) && (leaf.secret || /password|secret|token|api_?key/i.test(leaf.path.at(-1) ?? '')))
    return '***'
  const safe = text.includes('://') ? withoutPasswords(text) : text
  return safe.length > 100 ? `${safe.slice(0, 100)}…` : safe
}

/** A URL without its password, also one that has characters no URL can have; `http://host:80/a@b` has none. */
export const withoutPasswords = (text: string): string =>
  text.replaceAll(/(:\/\/[^\s:/@]*:)(?!\d{1,5}[/?#])[^\s"'<>]{1,512}@/g, '$1***@')
