import type { App } from '#core/boot'
import { declaredAccess, whoMay } from '#core/declared-access'
import { holds, permissionsNamedIn } from '#core/grants'
import { isOwnForm, namesIn } from '#core/requirement'
import { ruleOf, type Verdict } from '../../plugins/permissions/requirement.ts'
import { withDatabase } from '../database/connection.ts'
import { CliFailure } from '../failure.ts'
import { findProject } from '../project.ts'
import { bootedApp, declaredIn, hasAccounts } from './app.ts'
import { type StoredRole, storedRoles } from './roles.ts'

/** A route, and what each role is worth there. */
interface Row {
  readonly method: string
  readonly path: string
  /** `anyone`, `signed in`, `undeclared`, or the permissions that it takes. */
  readonly who: string
  readonly permissions: readonly string[]
  /** By the names of roles; absent where no permission is asked for. */
  readonly roles?: Readonly<Record<string, Verdict>>
}

/** Prints the routes of the app against the roles of its database. */
export async function showMatrix(json: boolean): Promise<void> {
  const project = findProject()
  const app = await bootedApp(project)
  const roles = hasAccounts(app) ? await withDatabase(project, storedRoles) : []
  const rows = matrixOf(app, roles)
  process.stdout.write(json ? `${JSON.stringify({ roles, routes: rows }, null, 2)}\n` : table(rows, roles))
}

function matrixOf(app: App, roles: readonly StoredRole[]): readonly Row[] {
  const names = new Set(declaredIn(app) ?? [])
  return app.facts
    .map((facts): Row => {
      const access = declaredAccess(facts)
      const row = { method: facts.method, path: facts.path, who: whoMay(access) }
      if (access.who !== 'permitted') return { ...row, permissions: [] }
      const words = (facts.said['permission'] ?? []).filter((word) => word !== undefined && word !== false)
      const rule = ruleOf({ all: words }, { names, everywhere: new Set() })
      const asked = namesIn(access.need)
      const worth = ({ permissions, isActive }: StoredRole): Verdict => {
        if (!isActive) return 'no'
        const held = new Set(permissions)
        const verdict = rule.judge({ permissions: held })
        // A resource with an owner asks for either form of a name: who holds the second alone has their own rows.
        const forAll = new Set(asked.filter((name) => !isOwnForm(name) && holds(held, name)))
        return verdict === 'yes' && rule.judge({ permissions: forAll }) !== 'yes' ? 'own' : verdict
      }
      return {
        ...row,
        permissions: asked,
        roles: Object.fromEntries(roles.map((role) => [role.name, worth(role)])),
      }
    })
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1))
}

function table(rows: readonly Row[], roles: readonly StoredRole[]): string {
  const titles = roles.map(({ name, isActive }) => (isActive ? name : `${name} (inactive)`))
  const cells = rows.map(({ method, path, who, roles: worth }) => [
    method,
    path,
    ...roles.map(({ name }) => (worth === undefined ? '' : worth[name] === 'no' ? '-' : worth[name]!)),
    who,
  ])
  const lines = [['', '', ...titles, ''], ...cells]
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  const shown = roles.length > 0 ? lines : cells
  const without = roles.length > 0 ? '' : 'no role is stored\n'
  return `${without}${shown
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')}`
}

/** Prints the permissions that are declared and that nothing asks for. */
export async function listUnused(json: boolean): Promise<void> {
  const app = await bootedApp(findProject())
  const declared = declaredIn(app)
  if (!declared) throw new CliFailure('the app declares no permissions: kwik({ permissions })')
  const asked = new Set(
    app.facts.flatMap((facts) => {
      const access = declaredAccess(facts)
      const own = access.who === 'permitted' ? namesIn(access.need) : []
      return [...own, ...permissionsNamedIn([...Object.values(facts.options), ...Object.values(facts.schema)])]
    }),
  )
  const unused = declared.filter((name) => !asked.has(name))
  const words = unused.length === 0 ? 'every permission is asked for\n' : `${unused.join('\n')}\n`
  process.stdout.write(json ? `${JSON.stringify(unused)}\n` : words)
}
