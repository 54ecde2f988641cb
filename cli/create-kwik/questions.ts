import { Refusal } from './refusal.ts'
import type { DatabaseChoice, Words } from './words.ts'

export interface Answers {
  readonly folder: string
  readonly db: DatabaseChoice
}

/**
 * Asks for what the command line left open: on a terminal, otherwise not at all.
 *
 * @throws {Refusal} with exit code 2, naming what to pass, when nobody is there and `--yes` was not said
 */
export async function answersTo({ folder, db, yes }: Words): Promise<Answers> {
  if (folder !== undefined && db !== undefined) return { folder, db }
  if (yes) return { folder: folder ?? 'kwik-app', db: db ?? 'sqlite' }
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env['CI'])
    throw new Refusal(
      folder === undefined
        ? 'not a terminal: pass a folder, as in "bun create kwik app" (or --yes for defaults)'
        : 'not a terminal: pass --db sqlite|postgres (or --yes for defaults)',
      2,
    )
  // Loaded here: with stdin closed the library waits for ever.
  const { isCancel, select, text } = await import('@clack/prompts')
  const taken = <T>(answer: T): Exclude<T, symbol> => {
    if (isCancel(answer)) process.exit(130)
    return answer as Exclude<T, symbol>
  }
  return {
    folder:
      folder ??
      (taken(await text({ message: 'Which folder?', defaultValue: 'kwik-app', placeholder: 'kwik-app' })) ||
        'kwik-app'),
    db:
      db ??
      taken(
        await select<DatabaseChoice>({
          message: 'Which database?',
          options: [
            { value: 'sqlite', label: 'SQLite', hint: 'a file, nothing to install' },
            { value: 'postgres', label: 'PostgreSQL', hint: 'by DATABASE_URL' },
          ],
        }),
      ),
  }
}
