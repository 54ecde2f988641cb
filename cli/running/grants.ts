import type { App } from '#core/boot'
import type { Database } from '#core/ports/database'
import { declaredIn, hasAccounts } from './app.ts'
import type { Checked } from './check.ts'
import { storedRoles, strayGrants } from './roles.ts'

/** Whether every grant that a role stores is a permission of the app still: one that was renamed grants nothing. */
export async function checkGrants(app: App, database: Database): Promise<Checked> {
  const declared = declaredIn(app)
  if (declared === undefined || !hasAccounts(app))
    return { report: { roles: 0, stray: [] }, words: 'no role is stored\n', isWrong: false }
  const stored = await storedRoles(database)
  const stray = strayGrants(stored, declared)
  const lines = stray.map(
    ({ role, permission, suggestion }) =>
      `stray    role ${role} grants ${permission}, which is not declared${suggestion ? `: did you mean ${suggestion}?` : ''}`,
  )
  if (stray.length > 0)
    lines.push(
      '',
      'Such a grant is worth nothing. Declare the permission again, or change the role: PUT /roles/:id/permissions.',
    )
  else lines.push(`checked  what ${stored.length} ${stored.length === 1 ? 'role grants' : 'roles grant'}`)
  return {
    report: { roles: stored.length, stray },
    words: lines.map((line) => `${line}\n`).join(''),
    isWrong: stray.length > 0,
  }
}
