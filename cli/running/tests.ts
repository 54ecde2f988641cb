import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { CliFailure } from '../failure.ts'
import { findProject, type Project } from '../project.ts'
import { scenarioFile } from '../scenarios.ts'
import { runBun } from './bun.ts'

/** Runs `bun test` with the words that were given; with a scenario, only the tests that import it. */
export async function runTests(words: readonly string[], scenario: string | undefined): Promise<void> {
  const project = findProject()
  const files = scenario === undefined ? [] : await testsOf(project, scenario)
  await runBun(['test', ...words, ...files.map((file) => `./${file}`)], project.root, { NODE_ENV: 'test' })
}

async function testsOf(project: Project, scenario: string): Promise<string[]> {
  const wanted = scenarioFile(project, scenario)
  const folder = project.path('test')
  const names = existsSync(folder) ? await readdir(folder, { recursive: true }) : []
  const found: string[] = []
  for (const name of names.filter((one) => /\.(test|spec)\.tsx?$/.test(one)).sort()) {
    const path = join(folder, name)
    if (importsOf(await readFile(path, 'utf8')).some((one) => reaches(path, one, wanted)))
      found.push(relative(project.root, path))
  }
  if (found.length === 0)
    throw new CliFailure(`no test imports src/scenarios/${scenario}.ts: import it in a file under test/ to have it run`)
  return found
}

const importsOf = (source: string): string[] =>
  [...source.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, specifier]) => specifier!)

function reaches(from: string, specifier: string, wanted: string): boolean {
  const path = resolve(dirname(from), specifier)
  return path === wanted || `${path}.ts` === wanted
}
