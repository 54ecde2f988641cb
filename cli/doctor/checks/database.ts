import { existsSync } from 'node:fs'
import type { Database } from '#core/ports/database'
import { migrationStatus } from '../../../plugins/database/index.ts'
import { connectionTrouble, migrationsOf } from '../../database/connection.ts'
import { type Finding, finding } from '../codes.ts'
import { isNear } from '../near.ts'
import type { Check, Subject } from '../subject.ts'

/** The database: whether it answers, by which way, and whether its tables are those of the code. */
export const database: Check = async (subject) => {
  const { services, project } = subject
  const db = services?.database
  if (db === undefined) return []
  const found: Finding[] = [...transport(subject)]
  if (!(await db.ping())) return [...found, finding('database-unreachable', db.dialect, await troubleOf(db))]
  const folder = migrationsOf(project)
  if (!existsSync(folder)) return found
  for (const { tag, applied, changed } of await migrationStatus(db, { folder })) {
    if (!applied) found.push(finding('migrations-pending', tag, 'it has not run'))
    else if (changed) found.push(finding('migrations-changed', tag, 'its file was changed after it ran'))
  }
  return found
}

/** Why nobody gets to it. */
const troubleOf = (db: Database): Promise<string> =>
  db.values('select 1').then(
    () => 'it did not answer at first',
    (error) => connectionTrouble(error) ?? 'it does not answer',
  )

/** PostgreSQL on another machine must be reached by TLS. */
function transport({ settings, production, services }: Subject): readonly Finding[] {
  const url = settings?.current.database?.url
  if (!production || services?.database?.dialect !== 'postgresql' || typeof url !== 'string' || !URL.canParse(url))
    return []
  const { hostname, searchParams } = new URL(url)
  if (isNear(hostname)) return []
  const tls = tlsOf(searchParams)
  if (tls === 'none')
    return [finding('database-no-tls', 'DATABASE_URL', `it asks for no TLS, and ${hostname} is another machine`)]
  return tls === 'unverified' ? [finding('database-tls-unverified', 'DATABASE_URL', `${searchParams}`)] : []
}

/** What the driver makes of the parameters of a URL. Without `uselibpqcompat` it checks the certificate in every mode but one. */
function tlsOf(parameters: URLSearchParams): 'none' | 'unverified' | 'verified' {
  const mode = parameters.get('sslmode')
  if (mode === null) return ['true', '1'].includes(parameters.get('ssl') ?? '') ? 'verified' : 'none'
  if (mode === 'disable' || mode === 'allow') return 'none'
  const isLoose = parameters.get('uselibpqcompat') === 'true' && (mode === 'prefer' || mode === 'require')
  return mode === 'no-verify' || isLoose ? 'unverified' : 'verified'
}
