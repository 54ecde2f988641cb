import { createRequire } from 'node:module'
import { join } from 'node:path'
import { nearest } from '#core/internal/spelling'
import { invalid, type SettingsFault } from '../errors.ts'
import { parseJson } from '../files/json.ts'
import { isMap, isPlainObject, located, type ReadFile } from '../files/located.ts'
import { parseYaml } from '../files/yaml.ts'
import { below, type ResolvedSettingsOptions } from '../options.ts'
import type { Layer } from './layers.ts'
import { namesInFolder, readText } from './text.ts'

/** What the module of a path exports. */
export type LoadModule = (path: string) => unknown

export interface ConfigLayers {
  readonly layers: readonly Layer[]
  readonly faults: readonly SettingsFault[]
  readonly warnings: readonly string[]
  readonly watched: readonly string[]
}

const endings = ['.yaml', '.yml', '.json', '.ts', '.mts', '.js', '.mjs'] as const
const isModule = (file: string): boolean => /\.m?[tj]s$/.test(file)

/** Loads a module at once, the first time: later its text has changed, and a reload asks for it anew. */
export const requireModule: LoadModule = (path) => (createRequire(path)(path) as { default?: unknown }).default

/** Which files there are for a layer. Two for one would have to beat each other silently. */
function filesOf(options: ResolvedSettingsOptions, profiles: readonly string[], found: readonly string[]) {
  const layers = ['base', ...profiles, ...(profiles.includes('test') ? [] : ['local'])]
  return [...new Set(layers)].map((layer) => ({
    layer,
    files: endings.map((ending) => `${layer}${ending}`).filter((file) => found.includes(file)),
    folder: options.config,
  }))
}

/** The modules among the files of values, by path: what a reload must import before it reads. */
export function configModules(options: ResolvedSettingsOptions, profiles: readonly string[]): string[] {
  return filesOf(options, profiles, namesInFolder(below(options, options.config)))
    .flatMap(({ files }) => files.filter(isModule))
    .map((file) => below(options, options.config, file))
}

/** Reads `base.*`, the profiles' files in order, and `local.*`. */
export function configLayers(
  options: ResolvedSettingsOptions,
  profiles: readonly string[],
  load: LoadModule,
): ConfigLayers {
  const folder = below(options, options.config)
  const found = namesInFolder(folder)
  const faults: SettingsFault[] = []
  const layers = filesOf(options, profiles, found).flatMap(({ layer, files }): Layer[] => {
    const shown = files.map((file) => join(options.config, file))
    if (files.length > 1) faults.push(invalid(`${shown.join(' and ')} are one layer: keep one of them`))
    if (files.length !== 1) return []
    const { tree, faults: wrong } = read(join(folder, files[0]!), load)
    faults.push(
      ...wrong.map(({ place, text }) => invalid(`${shown[0]}${place ? `:${place.line}:${place.column}` : ''} ${text}`)),
    )
    return [{ name: layer, tree: { file: shown[0]!, root: tree } }]
  })
  return { layers, faults, warnings: misspelt(options, found), watched: [folder] }
}

function read(path: string, load: LoadModule): ReadFile {
  const empty = { place: undefined, fields: [] }
  if (isModule(path)) {
    try {
      const value = load(path)
      const tree = isPlainObject(value) ? located(value) : undefined
      if (tree && isMap(tree)) return { tree, faults: [] }
      return { tree: empty, faults: [{ place: undefined, text: 'must export an object as default' }] }
    } catch (error) {
      // The message of a module's error is its author's: it may show what it read.
      return {
        tree: empty,
        faults: [
          { place: undefined, text: `throws ${error instanceof Error ? error.name : 'something'} when it is loaded` },
        ],
      }
    }
  }
  const text = readText(path)
  if (text === undefined || text instanceof Error)
    return { tree: empty, faults: [{ place: undefined, text: `cannot be read: ${text?.message ?? 'it is gone'}` }] }
  return path.endsWith('.json') ? parseJson(text) : parseYaml(text)
}

/** A file that no profile reads and that is close to one: it was meant for it. */
function misspelt({ config, profiles }: ResolvedSettingsOptions, found: readonly string[]): string[] {
  const known = ['base', 'local', ...profiles]
  return found.flatMap((file) => {
    const [, stem, ending] = /^([\w-]+)(\.(?:ya?ml|json))$/.exec(file) ?? []
    if (stem === undefined || known.includes(stem)) return []
    const close = nearest(stem, known)
    return close === undefined ? [] : [`${join(config, file)} is read by no profile, did you mean ${close}${ending}?`]
  })
}
