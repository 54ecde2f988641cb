import { misused } from './failure.ts'

/** Whether somebody sits there to answer: a terminal on both sides, no build server. */
export function someoneIsThere(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY) && !process.env['CI']
}

/** A question for one line of text. */
export interface Question {
  readonly message: string
  readonly placeholder?: string
  readonly initialValue?: string
  /** What is wrong with the answer, if anything. */
  readonly check?: (answer: string) => string | undefined
}

/**
 * Asks for one line. Ctrl-C leaves with exit code 130.
 *
 * @throws {CliFailure} with exit code 2, when nobody is there, naming the flag to pass
 */
export async function ask({ message, placeholder, initialValue, check }: Question, flag: string): Promise<string> {
  if (!someoneIsThere()) throw misused(`not a terminal: pass ${flag}`)
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({
    message,
    ...(placeholder !== undefined && { placeholder }),
    ...(initialValue !== undefined && { initialValue }),
    ...(check && { validate: (value: string | undefined) => check(value ?? '') }),
  })
  if (isCancel(answer)) process.exit(130)
  return answer
}
