import type { AnyElysia } from 'elysia'
import { type ExportFormat, type ExportRules, exportFormats } from '../shaping/index.ts'
import { actorOf } from './actor.ts'
import type { RouteOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { accessOf, sharedBy } from './route-words.ts'
import { rowsFor } from './service.ts'

/** What a resource says of its export. */
export interface ExportOfResource<F extends ExportFormat = ExportFormat> extends ExportRules<F> {
  /** Options of the route; `public`, `auth` or `permission` here replace the permission that it would ask for. */
  readonly options?: RouteOptions
}
/** The forms that are offered, or more to say. */
export type Exporting = readonly ExportFormat[] | ExportOfResource

/** Adds `GET /export`, where the resource has one. */
export function addExportRoute(app: AnyElysia, { names, model, shape, reach, options }: Parts): void {
  const { export: said } = options
  if (said === undefined) return
  const { options: given = {}, ...rules } = isList(said) ? { formats: said } : said
  const { detail, ...own } = given
  const name = names.path.slice(1)
  app.get(
    '/export',
    async ({ request }) => {
      const actor = actorOf(request, 'export')
      return shape.from(actor).export(undefined, { database: actor.db, name, ...rowsFor(reach, actor) })
    },
    {
      ...shape.exportHook(rules),
      ...sharedBy(options),
      ...own,
      ...accessOf(own, model, options, 'export'),
      detail: { ...detailOf(names.plural, names.words, rules.formats ?? exportFormats), ...(detail as object) },
    } as never,
  )
}

const isList = (said: Exporting): said is readonly ExportFormat[] => Array.isArray(said)

function detailOf(plural: string, words: string, formats: readonly ExportFormat[]): object {
  const text = { schema: { type: 'string' } }
  return {
    tags: [words],
    operationId: `export${plural}`,
    summary: `Export ${words} as a file`,
    responses: {
      200: {
        description: `All ${words} that fit, in their order. What breaks off was not whole.`,
        headers: { 'Content-Disposition': { description: 'Name of the file (RFC 6266).', ...text } },
        content: {
          ...(formats.includes('csv') && { 'text/csv': text }),
          ...(formats.includes('ndjson') && { 'application/x-ndjson': text }),
        },
      },
      406: {
        description: 'The client takes none of the forms.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}
