import { readFile } from 'node:fs/promises'
import type { FieldSpec } from '../fields/field.ts'
import { modelLines } from './model-lines.ts'
import type { Names } from './names.ts'
import { render } from './render.ts'
import { filterLines, secretLines, sortLines } from './shape-lines.ts'
import { testParts } from './test-lines.ts'

const templates = new URL('../templates/resource/', import.meta.url)

/** The files of a resource and their texts, by their path in the app. */
export async function resourceFiles(names: Names, fields: readonly FieldSpec[]): Promise<Record<string, string>> {
  const parts = {
    fields: modelLines(fields),
    filter: filterLines(fields),
    sort: sortLines(fields),
    secret: secretLines(fields),
    ...testParts(names, fields),
  }
  const text = async (file: string): Promise<string> =>
    render(await readFile(new URL(file, templates), 'utf8'), names, parts)
  const files = ['model', 'schemas', 'permissions', 'service', 'routes']
  return Object.fromEntries([
    ...(await Promise.all(
      files.map(async (file) => [`src/resources/${names.folder}/${file}.ts`, await text(`${file}.ts`)] as const),
    )),
    [`test/resources/${names.folder}.test.ts`, await text('resource.test.ts')],
  ])
}
