import type { Finding } from './codes.ts'
import type { Subject } from './subject.ts'

/** What was found, for people. */
export function inWords({ profile, production }: Subject, findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ code, level, where, what, why, remedy }) => [
    `${level.padEnd(8)} ${code}  ${where}: ${what}`,
    `         ${why}`,
    `         -> ${remedy}`,
    '',
  ])
  const problems = findings.filter(({ level }) => level === 'problem').length
  const warnings = findings.length - problems
  const found =
    findings.length === 0 ? 'nothing found' : `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}`
  const more = production ? '' : '; kwik doctor --production tells what production needs'
  return [...lines, `profile ${profile}: ${found}${more}`, ''].join('\n')
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** The same for programs. */
export function asJson({ profile }: Subject, findings: readonly Finding[]): string {
  return `${JSON.stringify({ profile, findings }, null, 2)}\n`
}
