import { type AnyElysia, Elysia } from 'elysia'
import { boot } from '#core/boot'
import { apiDocument, type OpenApiDocument } from '../../plugins/openapi/index.ts'
import { type Served, servedBy } from '../../plugins/versioning/index.ts'
import { CliFailure, misused } from '../failure.ts'
import { exported, findProject, type Project } from '../project.ts'

/** The app of a command, and its versions. */
export interface VersionedApp extends Served {
  readonly project: Project
  readonly app: AnyElysia
  /** The API document of a version. */
  document(version: string): OpenApiDocument
}

/** @throws {CliFailure} for an app without versions, or without an API document */
export async function versionedApp(): Promise<VersionedApp> {
  const project = findProject()
  const app: AnyElysia = await exported(project, 'src/app.ts', 'app', (value) => value instanceof Elysia)
  await app.modules
  boot(app)
  const served = servedBy(app)
  if (!served) throw new CliFailure('this app has no versions: declare them with versions({...}), kwik({ versions })')
  return {
    ...served,
    project,
    app,
    document: (version) => {
      try {
        return apiDocument(app, version)
      } catch (error) {
        throw new CliFailure((error as Error).message)
      }
    },
  }
}

/** @throws {CliFailure} with exit code 2, for a version that is not served, naming those that are */
export function knownVersion({ api }: VersionedApp, name: string): string {
  const living = api.living(Date.now()).map((one) => one.name)
  if (living.includes(name)) return name
  throw misused(`there is no version "${name}": there are ${living.join(', ')}`)
}
