import { existsSync, readFileSync } from 'node:fs'
import { accounts } from '../doctor/checks/accounts.ts'
import { cors } from '../doctor/checks/cors.ts'
import { database } from '../doctor/checks/database.ts'
import { envFiles } from '../doctor/checks/env-files.ts'
import { limits } from '../doctor/checks/limits.ts'
import { network } from '../doctor/checks/network.ts'
import { redis } from '../doctor/checks/redis.ts'
import { secrets } from '../doctor/checks/secrets.ts'
import { tools } from '../doctor/checks/tools.ts'
import { asJson, inWords } from '../doctor/report.ts'
import { type Check, subjectOf } from '../doctor/subject.ts'
import { findProject, type Project } from '../project.ts'

export interface DoctorFlags {
  readonly json: boolean
  readonly strict: boolean
  readonly production: boolean
}

const checks: readonly Check[] = [tools, envFiles, secrets, network, cors, limits, accounts, database, redis]

/** Looks for what is wrong with an app and its surroundings; exit code 1 when something is. */
export async function examine({ json, strict, production }: DoctorFlags): Promise<void> {
  const project = findProject()
  if (production) process.env['KWIK_PROFILE'] = 'production'
  // Lines of the app would stand between ours; an app without Kwik's settings would not know the variable.
  if (usesKwikSettings(project)) process.env['KWIK_LOG__LEVEL'] ??= 'fatal'
  const { subject, findings: loading } = await subjectOf(project)
  const found = await Promise.all(checks.map((check) => check(subject)))
  const order = ({ level }: { level: string }): number => (level === 'problem' ? 0 : 1)
  const findings = [...loading, ...found.flat()].sort((a, b) => order(a) - order(b))
  process.stdout.write(json ? asJson(subject, findings) : inWords(subject, findings))
  await subject.services?.database?.close().catch(() => {})
  await subject.services?.redis?.close().catch(() => {})
  if (findings.some(({ level }) => strict || level === 'problem')) process.exitCode = 1
}

function usesKwikSettings(project: Project): boolean {
  const file = project.path('src/settings.ts')
  return existsSync(file) && readFileSync(file, 'utf8').includes('kwikSettings')
}
