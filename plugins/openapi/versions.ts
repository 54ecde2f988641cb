import type { DocumentVersions } from '#core/ports/document-versions'
import { documentOf, type OpenApiDocument, type Source } from './document.ts'
import type { Operation } from './operation.ts'
import type { ResolvedOpenApiOptions } from './options.ts'

/** The document of one version of the API; without one, of the newest. */
export function documentIn(source: Source, options: ResolvedOpenApiOptions, version?: string): OpenApiDocument {
  const { versions } = options
  if (!versions) return documentOf(source, options)
  const name = version ?? versions.names()[0]!
  const info = { ...options.info, ...(version !== undefined && { version }) }
  const document = documentOf({ ...source, ...versions.at(name, source) }, { ...options, info })
  return version === undefined ? document : inItsMediaType(document, versions.mediaType(version))
}

/** Answers of a version have its media type; bodies may be plain JSON too. */
function inItsMediaType(document: OpenApiDocument, type: string): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).map(([method, one]) => [method, operationIn(one, type)])),
  ])
  return { ...document, paths: Object.fromEntries(paths) }
}

type Content = Readonly<Record<string, object>>

function operationIn(operation: Operation, type: string): Operation {
  const { requestBody, responses } = operation
  const json = requestBody?.content['application/json']
  const answers = Object.entries(responses).map(([status, response]) => {
    const { content } = response as { content?: Content }
    const { 'application/json': plain, ...others } = content ?? {}
    return [status, plain === undefined ? response : { ...response, content: { [type]: plain, ...others } }]
  })
  return {
    ...operation,
    ...(requestBody && json && { requestBody: { ...requestBody, content: { ...requestBody.content, [type]: json } } }),
    responses: Object.fromEntries(answers),
  }
}

/** The versions that have a path of their own. */
export const versionsOf = ({ versions }: { readonly versions?: DocumentVersions }): readonly string[] =>
  versions?.names() ?? []
