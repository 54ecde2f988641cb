import type { ImportReport } from '../../../plugins/accounts/index.ts'

/** More lines of one kind are counted, not written. */
const most = 20

/** An import as it is told on a terminal. */
export function sentencesOf(report: ImportReport): string[] {
  const { applied, usersMade, usersKept, usersSkipped, rolesMade, rolesKept, rolesRenamed, rolesSkipped } = report
  const done = applied ? 'made   ' : 'to make'
  return [
    `${done} ${counted(rolesMade.length, 'role')}, ${counted(usersMade.length, 'user')}`,
    ...(usersKept.length + rolesKept.length > 0
      ? [`kept    ${counted(rolesKept.length, 'role')}, ${counted(usersKept.length, 'user')} that are here already`]
      : []),
    ...some(rolesRenamed, ({ from, to }) => `renamed role ${from} to ${to}: there are two of this name`),
    ...some(rolesSkipped, ({ name, reason }) => `skipped role ${JSON.stringify(name)}: ${reason}`),
    ...some(usersSkipped, ({ email, reason }) => `skipped user ${JSON.stringify(email)}: ${reason}`),
    ...some(
      report.rolesUnknown,
      ({ key, users }) =>
        `skipped role ${JSON.stringify(key)} of ${few(users)}: it is not among the roles of the source`,
    ),
    ...some(
      report.permissionsUnknown,
      ({ name, roles }) =>
        `skipped permission ${name} of ${roles.join(', ')}: this app does not declare it. Name it with --map, or leave it out with null`,
    ),
    ...some(report.withoutPassword, (email) => `no password ${email}: they need a link for a new one`),
    ...(applied ? [] : ['Nothing was changed: --apply does it.']),
  ]
}

const few = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

function some<T>(all: readonly T[], sentence: (one: T) => string): string[] {
  const lines = all.slice(0, most).map(sentence)
  return all.length > most ? [...lines, `        and ${all.length - most} more like this`] : lines
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
