import { eq } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { normalEmail } from '../email.ts'
import { isGrantable } from '../grants.ts'
import { rolePermissions, roles, userRoles } from '../tables.ts'
import { tell, type Workings } from '../workings.ts'
import { pythonPermissions } from './permission-names.ts'
import type { AccountsSnapshot, ImportedRole, ImportedUser, ImportOptions, ImportReport } from './snapshot.ts'

/** Takes a trial back. */
class Trial extends Error {}

type Draft = {
  -readonly [K in keyof ImportReport]: ImportReport[K] extends readonly (infer T)[] ? T[] : ImportReport[K]
}

/**
 * Takes over users and roles of another system, in one transaction. Who and what is here already stays as it is, so that
 * it can be run again.
 */
export async function importAccounts(
  work: Workings,
  declared: readonly string[],
  snapshot: AccountsSnapshot,
  { apply = false, permissions = {} }: ImportOptions = {},
): Promise<ImportReport> {
  const { database } = work
  const names = { ...pythonPermissions, ...permissions }
  let report = emptyReport(apply)
  try {
    await database.tx(async () => {
      // A transaction that lost a race runs again, from nothing.
      report = emptyReport(apply)
      const ids = await importRoles(database, snapshot.roles, report, (name) => grantOf(name, names, declared))
      for (const user of snapshot.users) await importUser(work, user, ids, report)
      if (!apply) throw new Trial()
      await work.standing.over()
    })
  } catch (error) {
    if (!(error instanceof Trial)) throw error
  }
  return report
}

const emptyReport = (applied: boolean): Draft => ({
  applied,
  usersMade: [],
  usersKept: [],
  usersSkipped: [],
  withoutPassword: [],
  rolesMade: [],
  rolesKept: [],
  rolesRenamed: [],
  rolesSkipped: [],
  rolesUnknown: [],
  permissionsUnknown: [],
})

/** What a permission is here; `undefined` for one that the app does not have. */
function grantOf(
  name: string,
  names: Readonly<Record<string, string | null>>,
  declared: readonly string[],
): string | null | undefined {
  const grant = Object.hasOwn(names, name) ? names[name]! : name
  return grant === null || isGrantable(grant, declared) ? grant : undefined
}

async function importRoles(
  database: Database,
  given: readonly ImportedRole[],
  report: Draft,
  grantOf: (name: string) => string | null | undefined,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  const seen = new Set<string>()
  const [r, rp] = [roles.for(database), rolePermissions.for(database)]
  for (const { key, name: text, description = null, isActive = true, permissions } of given) {
    const wanted = seenText(text).slice(0, 90)
    if (wanted === '') {
      report.rolesSkipped.push({ name: text, reason: 'its name is empty' })
      continue
    }
    // Two roles of one name are two roles: who has one must not get what the other grants.
    let name = wanted
    for (let n = 2; seen.has(name); n++) name = `${wanted} (${n})`
    seen.add(name)
    if (name !== wanted) report.rolesRenamed.push({ from: wanted, to: name })
    const [known] = await database.drizzle.select({ id: r.id }).from(r).where(eq(r.name, name))
    if (known !== undefined) {
      report.rolesKept.push(name)
      ids.set(key, known.id)
      continue
    }
    const [made] = await database.drizzle
      .insert(r)
      .values({ name, description: description?.slice(0, 500) ?? null, isActive })
      .returning({ id: r.id })
    ids.set(key, made!.id)
    report.rolesMade.push(name)
    const grants = new Set<string>()
    for (const one of permissions) {
      const grant = grantOf(one)
      if (grant === undefined) noteUnknown(report, one, name)
      else if (grant !== null) grants.add(grant)
    }
    if (grants.size > 0)
      await database.drizzle.insert(rp).values([...grants].map((permission) => ({ roleId: made!.id, permission })))
  }
  return ids
}

function noteUnknown({ permissionsUnknown }: Draft, name: string, role: string): void {
  const is = (one: { name: string }): boolean => one.name === name
  note(permissionsUnknown, is, (before) => ({ name, roles: [...(before?.roles ?? []), role] }))
}

function noteUnknownRole({ rolesUnknown }: Draft, key: string, user: string): void {
  const is = (one: { key: string }): boolean => one.key === key
  note(rolesUnknown, is, (before) => ({ key, users: [...(before?.users ?? []), user] }))
}

/** Puts what is known now in the place of what was, or at the end. */
function note<T>(all: T[], is: (one: T) => boolean, now: (before: T | undefined) => T): void {
  const at = all.findIndex(is)
  all.splice(at === -1 ? all.length : at, 1, now(all[at]))
}

async function importUser(
  work: Workings,
  { email: given, name = null, isActive = true, passwordHash, roles: keys }: ImportedUser,
  roleIds: ReadonlyMap<string, string>,
  report: Draft,
): Promise<void> {
  const { database, parts } = work
  const email = normalEmail(given)
  if (email === undefined) {
    report.usersSkipped.push({ email: given, reason: 'this is no e-mail address' })
    return
  }
  const hash = passwordHash && isReadable(passwordHash) ? passwordHash : ''
  const values = { email, name: nameOf(name), passwordHash: hash, isActive }
  const id = await work.users.insertUnlessKnown(values, [])
  if (id === undefined) {
    report.usersKept.push(email)
    return
  }
  report.usersMade.push(email)
  if (hash === '') report.withoutPassword.push(email)
  const wanted = [...new Set(keys)]
  for (const key of wanted) if (!roleIds.has(key)) noteUnknownRole(report, key, email)
  const held = [...new Set(wanted.flatMap((key) => roleIds.get(key) ?? []))]
  const ur = userRoles.for(database)
  if (held.length > 0) await database.drizzle.insert(ur).values(held.map((roleId) => ({ userId: id, roleId })))
  if (report.applied) await tell(parts, { type: 'user.created', userId: id, details: { by: 'system' } })
}

/** Hashes that a sign-in can read: argon2id, and bcrypt, which is then made anew. */
const isReadable = (hash: string): boolean =>
  /^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/=]+\$[\w+/=]+$/.test(hash) ||
  /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash)

const seenText = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim()

const nameOf = (name: string | null): string | null =>
  name === null
    ? null
    : name
        .normalize('NFC')
        .replaceAll(/\p{Cc}/gu, '')
        .trim()
        .slice(0, 200) || null
