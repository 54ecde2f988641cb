/**
 * A command that cannot do what it was asked: its message is all that the user sees.
 * Exit code 2 means the words were wrong, 1 that the work failed, 3 that somebody else did not answer.
 */
export class CliFailure extends Error {
  override readonly name = 'CliFailure'
  readonly exitCode: 1 | 2 | 3

  constructor(message: string, exitCode: 1 | 2 | 3 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The words on the command line were wrong. */
export const misused = (message: string): CliFailure => new CliFailure(message, 2)
