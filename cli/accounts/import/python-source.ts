import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '#core/ports/database'
import type { AccountsSnapshot } from '../../../plugins/accounts/index.ts'
import { databaseErrorIn, openDatabase } from '../../../plugins/database/index.ts'
import { CliFailure } from '../../failure.ts'

/**
 * Users, roles and permissions of a Python Kwik, from its tables `users`, `roles`, `users_roles`, `permissions` and
 * `roles_permissions`. Nothing there is changed: PostgreSQL is read in a snapshot, of a SQLite file a copy.
 *
 * @param source `postgres://…`, or a SQLite file, with or without `sqlite:` before it
 * @throws {CliFailure} when it is not there, or is something else
 */
export async function readPython(source: string): Promise<AccountsSnapshot> {
  if (/^postgres(ql)?:\/\//.test(source)) return reading(source, shown(source))
  const file = source.replace(/^sqlite:(\/\/)?/, '')
  if (!existsSync(file)) throw new CliFailure(`${file} is not there: give a SQLite file, a .json file, or postgres://…`)
  const folder = mkdtempSync(join(tmpdir(), 'kwik-import-'))
  try {
    const copy = join(folder, 'copy.sqlite')
    copyFileSync(file, copy)
    // What was committed last may still be in the log beside it.
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
    return await reading(`sqlite:${copy}`, file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Without the password that an address of a database may have. */
function shown(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}

async function reading(url: string, name: string): Promise<AccountsSnapshot> {
  const database = openDatabase({ url })
  try {
    return await database.snapshot(() => read(database))
  } catch (error) {
    const refused = databaseErrorIn(error)
    if (refused === undefined) throw error
    throw new CliFailure(
      refused.failure === 'unavailable'
        ? `${name} does not answer: ${refused.message}`
        : `${name} is no database of a Python Kwik, which has users, roles, users_roles, permissions and roles_permissions`,
    )
  } finally {
    await database.close()
  }
}

async function read(database: Database): Promise<AccountsSnapshot> {
  const granted = new Map<string, string[]>()
  for (const [role, permission] of await database.values(
    'select rp.role_id, p.name from roles_permissions rp join permissions p on p.id = rp.permission_id order by p.name',
  ))
    push(granted, String(role), String(permission))
  const held = new Map<string, string[]>()
  for (const [user, role] of await database.values('select user_id, role_id from users_roles order by role_id'))
    push(held, String(user), String(role))
  const roles = await database.values('select id, name, is_active from roles order by id')
  const users = await database.values(
    'select id, name, surname, email, hashed_password, is_active from users order by id',
  )
  return {
    roles: roles.map(([id, name, isActive]) => ({
      key: String(id),
      name: String(name),
      isActive: isTrue(isActive),
      permissions: granted.get(String(id)) ?? [],
    })),
    users: users.map(([id, name, surname, email, passwordHash, isActive]) => ({
      email: String(email),
      name: [name, surname].filter((part) => typeof part === 'string' && part.trim() !== '').join(' ') || null,
      passwordHash: typeof passwordHash === 'string' ? passwordHash : null,
      isActive: isTrue(isActive),
      roles: held.get(String(id)) ?? [],
    })),
  }
}

const isTrue = (value: unknown): boolean => value === true || value === 1 || value === 't' || value === 'true'

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else if (!list.includes(value)) list.push(value)
}
