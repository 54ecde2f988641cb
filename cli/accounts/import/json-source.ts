import type { AccountsSnapshot, ImportedRole, ImportedUser } from '../../../plugins/accounts/index.ts'
import { CliFailure } from '../../failure.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Users and roles as a JSON file has them: `{ "users": [{ "email", "name", "isActive", "passwordHash", "roles": ["editor"] }],
 * "roles": [{ "name", "isActive", "permissions": ["orders_read"] }] }`.
 *
 * @throws {CliFailure} naming what does not fit
 */
export function snapshotOf(value: unknown, file: string): AccountsSnapshot {
  const wrong = (where: string, is: string): CliFailure => new CliFailure(`${file}: ${where} must be ${is}`)
  const rowsOf = (name: string): readonly Row[] => {
    const rows = (value as Row | null)?.[name] ?? []
    if (!Array.isArray(rows)) throw wrong(name, 'a list')
    for (const [at, row] of rows.entries())
      if (typeof row !== 'object' || row === null) throw wrong(`${name}[${at}]`, 'an object')
    return rows
  }
  if (typeof value !== 'object' || value === null || !('users' in value || 'roles' in value))
    throw wrong('it', 'an object with "users" and "roles"')
  const text = (row: Row, where: string, name: string): string => {
    const given = row[name]
    if (typeof given !== 'string') throw wrong(`${where}.${name}`, 'a text')
    return given
  }
  const textOrNull = (row: Row, where: string, name: string): string | null =>
    row[name] === undefined || row[name] === null ? null : text(row, where, name)
  const active = (row: Row, where: string): boolean => {
    const given = row['isActive'] ?? true
    if (typeof given !== 'boolean') throw wrong(`${where}.isActive`, 'true or false')
    return given
  }
  const texts = (row: Row, where: string, name: string): readonly string[] => {
    const given = row[name] ?? []
    if (!Array.isArray(given) || !given.every((one) => typeof one === 'string'))
      throw wrong(`${where}.${name}`, 'a list of texts')
    return given
  }
  return {
    roles: rowsOf('roles').map((row, at): ImportedRole => {
      const where = `roles[${at}]`
      const name = text(row, where, 'name')
      return {
        key: name,
        name,
        description: textOrNull(row, where, 'description'),
        isActive: active(row, where),
        permissions: texts(row, where, 'permissions'),
      }
    }),
    users: rowsOf('users').map((row, at): ImportedUser => {
      const where = `users[${at}]`
      return {
        email: text(row, where, 'email'),
        name: textOrNull(row, where, 'name'),
        isActive: active(row, where),
        passwordHash: textOrNull(row, where, 'passwordHash'),
        roles: texts(row, where, 'roles'),
      }
    }),
  }
}
