import { surroundings } from './command.ts'

/** What is written to a program that runs on a terminal, once it has shown the words. */
export interface Answer {
  readonly after: string
  readonly keys: string
}

export const enter = '\r'
export const ctrlC = '\u0003'

/** Runs a program on a pseudo terminal of its own and answers its questions. */
export async function onTerminal(
  words: readonly string[],
  cwd: string,
  answers: readonly Answer[],
): Promise<{ readonly code: number; readonly screen: string }> {
  let screen = ''
  let seen = 0
  const left = [...answers]
  const child = Bun.spawn([...words], {
    cwd,
    env: surroundings(),
    timeout: 15_000,
    terminal: {
      cols: 100,
      rows: 30,
      data(terminal, bytes) {
        screen += new TextDecoder().decode(bytes)
        const next = left[0]
        if (next === undefined || !screen.slice(seen).includes(next.after)) return
        seen = screen.length
        left.shift()
        // The question takes keys only after it has drawn itself.
        setTimeout(() => terminal.write(next.keys), 50)
      },
    },
  })
  return { code: await child.exited, screen }
}
