import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

/** What the app is compiled and run with. */
export const tools: Check = ({ project }) => [
  ...decorators(project.path('tsconfig.json')),
  ...bun(process.versions['bun']),
  ...copies(project.path('node_modules')),
]

/** A tsconfig.json has comments, and commas where JSON has none. */
function decorators(file: string): readonly Finding[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8').replaceAll(/("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g, '$1')
  return /"experimentalDecorators"\s*:\s*true/.test(text)
    ? [finding('experimental-decorators', 'tsconfig.json', 'it says experimentalDecorators: true')]
    : []
}

export function bun(version: string | undefined): readonly Finding[] {
  const { engines } = createRequire(import.meta.url)('kwik/package.json') as {
    readonly engines: { readonly bun: string }
  }
  const least = engines.bun.replace(/^\D+/, '')
  if (version === undefined || least.localeCompare(version, 'en', { numeric: true }) <= 0) return []
  return [finding('bun-old', 'bun', `it is version ${version}, and Kwik needs ${least}`)]
}

/** Packages that must be there once. */
const single = ['elysia', '@sinclair/typebox']

function copies(modules: string): readonly Finding[] {
  if (!existsSync(modules)) return []
  const packages = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name],
  )
  const found: Finding[] = []
  for (const one of single) {
    const first = join(modules, one)
    for (const name of packages) {
      const other = join(modules, name, 'node_modules', one)
      // Package managers link one copy to many places.
      if (!existsSync(other) || (existsSync(first) && realpathSync(other) === realpathSync(first))) continue
      found.push(finding('packages-twice', one, `node_modules/${name} has a copy of its own`))
    }
  }
  return found
}
