import { describe, expect, test } from '#test'
import { exports } from '../package.json'
import { projectFiles, readSources, root, type Source, targetOf } from './sources.ts'

type Layer = 'core' | 'entry' | 'testing' | 'cli' | 'test' | 'tools' | 'app' | `plugin:${string}`

function layerOf(path: string): Layer {
  const [top, second] = path.split('/')
  if (top === 'src') return second === 'core' ? 'core' : second === 'testing' ? 'testing' : 'entry'
  if (top === 'plugins') return `plugin:${second}`
  return top === 'cli' || top === 'test' || top === 'tools' ? top : 'app'
}

const isPlugin = (layer: Layer): boolean => layer.startsWith('plugin:')

/** Who may know whom. */
function mayImport(from: Layer, to: Layer, target: string): boolean {
  if (from === to || from === 'test') return true
  if (to === 'test') return false
  switch (from) {
    case 'core':
      return false
    case 'testing':
      // A test has the platform and no request: what the platform was wired with is all it may ask.
      return to === 'core' || isPlugin(to) || target === 'src/services.ts'
    case 'entry':
      return to === 'core' || isPlugin(to)
    case 'cli':
    case 'tools':
    case 'app':
      return true
    default:
      return to === 'core' || (from === 'plugin:resources' && target === 'plugins/shaping/index.ts')
  }
}

const own: Record<string, string> = Object.fromEntries(
  Object.entries(exports).map(([name, file]) => [name, file.replace(/^\.\//, '')]),
)
const files: readonly string[] = projectFiles()
const isTemplate = (path: string): boolean => /^cli\/(templates|create-kwik\/template)\//.test(path)
const code: Source[] = await readSources(
  files.filter((path) => /^(src|plugins|cli|test|tools)\/.*\.ts$/.test(path) && !isTemplate(path)),
)
const plugins: readonly string[] = [...new Set(files.flatMap((path) => /^plugins\/([^/]+)\//.exec(path)?.[1] ?? []))]
const inPlugins: Source[] = code.filter(({ path }) => path.startsWith('plugins/'))
const nounOf = (path: string): string => path.split('/').slice(2).join('/')

describe('who may know whom', () => {
  test('imports go in the allowed direction only', () => {
    const wrong = code.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const target = targetOf(path, specifier, own)
        if (target === undefined || target === 'package.json') return []
        return mayImport(layerOf(path), layerOf(target), target) ? [] : [`${path}:${line} -> ${target}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('the rule itself tells right from wrong', () => {
    const may = (from: string, to: string): boolean => mayImport(layerOf(from), layerOf(to), to)
    expect(may('src/core/boot.ts', 'plugins/cache/index.ts')).toBe(false)
    expect(may('plugins/cache/plugin.ts', 'plugins/tokens/index.ts')).toBe(false)
    expect(may('plugins/resources/list.ts', 'plugins/shaping/index.ts')).toBe(true)
    expect(may('plugins/resources/list.ts', 'plugins/shaping/cursor.ts')).toBe(false)
    expect(may('src/kwik.ts', 'plugins/cache/index.ts')).toBe(true)
    expect(may('src/kwik.ts', 'src/testing/index.ts')).toBe(false)
    expect(may('cli/index.ts', 'test/sources.ts')).toBe(false)
  })

  test('only plugin.ts of a plugin imports Elysia at run time; others may take its schema builder `t`', () => {
    const wrong = inPlugins
      .filter(({ path }) => nounOf(path) !== 'plugin.ts')
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ specifier, names }) => specifier === 'elysia' && names.some((name) => name !== 't'))
          .map(({ line, names }) => `${path}:${line} imports ${names.join(', ')}`),
      )
    expect(wrong).toEqual([])
  })

  test('only index.ts of a plugin imports its plugin.ts at run time, and nothing inside imports index.ts', () => {
    const wrong = inPlugins.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line, typeOnly }) => {
        const target = specifier.startsWith('.') ? nounOf(targetOf(path, specifier, own) ?? '') : ''
        const inside = layerOf(targetOf(path, specifier, own) ?? '') === layerOf(path)
        const bad = target === 'index.ts' || (target === 'plugin.ts' && nounOf(path) !== 'index.ts' && !typeOnly)
        return inside && bad ? [`${path}:${line} -> ${target}`] : []
      }),
    )
    expect(wrong).toEqual([])
  })

  test('an index names what it exports', () => {
    expect(code.flatMap(({ path, exportAll }) => exportAll.map((line) => `${path}:${line}`))).toEqual([])
  })

  test('an index of a plugin only re-exports', () => {
    const wrong = inPlugins
      .filter(({ path }) => nounOf(path) === 'index.ts')
      .filter(({ text }) => /^\s*(?:export\s+)?(?:const|let|function|class|async)\b/m.test(text))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })
})

describe('files', () => {
  const lengths = code.map(({ lines }) => lines).sort((a, b) => a - b)

  test('the median has 100 lines at most, nine of ten have 250 at most, none has over 400', () => {
    expect(code.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
    expect(lengths[Math.floor(lengths.length / 2)]!).toBeLessThanOrEqual(100)
    expect(lengths[Math.floor(lengths.length * 0.9)]!).toBeLessThanOrEqual(250)
  })

  test('each is named for what it holds', () => {
    const vague = /(?:^|\/)(?:[\w-]*[-.])?(?:utils?|helpers?|common|misc|managers?)(?:[-.][\w-]*)?(?:\.ts|\/)/i
    expect(vague.test('plugins/cache/cache-manager.ts') && vague.test('src/utils/text.ts')).toBe(true)
    expect(files.filter((path) => vague.test(path))).toEqual([])
  })

  test('plugin.ts has 150 lines at most', () => {
    const long = inPlugins.filter(({ path, lines }) => nounOf(path) === 'plugin.ts' && lines > 150)
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([])
  })

  test.each(plugins.map((name) => [name]))(
    'plugins/%s has an index, a plugin.ts and a README of 40 lines at most',
    async (name) => {
      const has = files.filter((path) => path.startsWith(`plugins/${name}/`)).map(nounOf)
      expect(has).toContain('index.ts')
      expect(has).toContain('plugin.ts')
      expect(has).toContain('README.md')
      const [readme] = await readSources([`plugins/${name}/README.md`])
      expect(readme!.lines).toBeLessThanOrEqual(40)
    },
  )

  test('name no path of the machine they were written on, and no package registry', async () => {
    const local = /(?<![\w.@~$}-])\/(?:work|root|farm|home|Users)\/[\w.-]+|https?:\/\/[\w.-]*registry[\w.-]*/
    const texts = files.filter((path) => !/\.(?:png|ico|woff2?|sqlite)$/.test(path))
    const wrong: string[] = []
    for (const path of texts) {
      const file = Bun.file(`${root}/${path}`)
      if (!(await file.exists())) continue
      for (const [at, line] of (await file.text()).split('\n').entries())
        if (local.test(line)) wrong.push(`${path}:${at + 1}: ${line.trim().slice(0, 100)}`)
    }
    expect(wrong).toEqual([])
  })
})
