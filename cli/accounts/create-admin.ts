import { randomBytes } from 'node:crypto'
import { ProblemError } from '#core/problem'
import { accountsService } from '../../plugins/accounts/index.ts'
import { withDatabase } from '../database/connection.ts'
import { CliFailure, misused } from '../failure.ts'
import { findProject } from '../project.ts'
import { ask } from '../terminal.ts'

interface AdminRequest {
  readonly email?: string
  readonly name?: string
  readonly passwordStdin: boolean
}

/** Makes a user who may do everything. A password that is not given is made, and shown this once. */
export async function createAdmin(request: AdminRequest): Promise<void> {
  const project = findProject()
  const email =
    request.email ??
    (await ask({ message: 'E-mail address?', placeholder: 'you@example.com', check: notAnAddress }, '--email'))
  const given = request.passwordStdin ? await passwordFromStdin() : undefined
  const password = given ?? randomBytes(18).toString('base64url')
  const { name } = request
  const user = await withDatabase(project, async (database) => {
    try {
      return await accountsService(database).createAdmin({ email, password, ...(name !== undefined && { name }) })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      const hint =
        error.problem.status === 409 ? ': give another address, or let an admin give that user a role with *' : ''
      throw new CliFailure(`${sentenceOf(error)}${hint}`)
    }
  })
  process.stdout.write(`made    ${user.email}, who may do everything\n`)
  if (given === undefined)
    process.stdout.write(`password ${password}\n        It is not kept anywhere: this is the only time it is shown.\n`)
}

/** A first look, so that a slip can be mended at the question: accounts look closely. */
const notAnAddress = (answer: string): string | undefined =>
  /^\S+@\S+$/.test(answer) ? undefined : 'an address, as in you@example.com'

async function passwordFromStdin(): Promise<string> {
  if (process.stdin.isTTY)
    throw misused('--password-stdin reads a pipe: printf %s "$PASSWORD" | kwik accounts create-admin …')
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk
  const password = text.replace(/\r?\n$/, '')
  if (password === '') throw misused('--password-stdin read nothing')
  return password
}

function sentenceOf({ problem }: ProblemError): string {
  const issues = (problem.errors ?? []).map((issue) =>
    `${issue.pointer?.slice(1) ?? issue.parameter ?? ''} ${issue.detail}`.trim(),
  )
  return issues.length > 0 ? issues.join('\n') : (problem.detail ?? problem.title)
}
