import { CliFailure } from '../failure.ts'
import type { Project } from '../project.ts'
import type { Names } from './names.ts'
import { type Change, textOf } from './plan.ts'
import { type Entry, register } from './registry.ts'

/**
 * The lists of an app's resources. Tables and permissions are apart from the routes, so that a file of routes may import
 * the platform: the platform needs the permissions, and the permissions must not need the routes.
 */
const lists = {
  'src/resources/index.ts': ({ many, one, folder }: Names): Entry[] => [
    { part: 'imports', line: `import { ${many} } from './${folder}/model.ts'` },
    { part: 'imports', line: `import { ${one}Permissions } from './${folder}/permissions.ts'` },
    { part: 'tables', line: `${many},` },
    { part: 'permissions', line: `...${one}Permissions,` },
  ],
  'src/resources/routes.ts': ({ one, folder }: Names): Entry[] => [
    { part: 'imports', line: `import { ${one}Routes } from './${folder}/routes.ts'` },
    { part: 'routes', line: `.use(${one}Routes)` },
  ],
  'src/scenarios/index.ts': ({ many, folder }: Names): Entry[] => [
    { part: 'imports', line: `import { ${many} } from '../resources/${folder}/model.ts'` },
    { part: 'factories', line: `${many}: factory(${many}),` },
  ],
}

/** What is to be edited in the lists, and which lines only the user can put in. */
export async function listChanges(
  project: Project,
  names: Names,
): Promise<{ readonly changes: Change[]; readonly byHand: string[] }> {
  const changes: Change[] = []
  const byHand: string[] = []
  for (const [path, entriesOf] of Object.entries(lists)) {
    const before = await textOf(project.path(path))
    if (before === undefined) throw new CliFailure(`${path} is not there: "bun create kwik" makes it`)
    const { text: after, byHand: left } = register(before, entriesOf(names))
    changes.push({ path, what: after === before ? 'unchanged' : 'edit', before, after })
    byHand.push(...left.map(({ part, line }) => `${path}, ${part}: ${line}`))
  }
  return { changes, byHand }
}
