import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'

const root: string = join(import.meta.dir, '../..')

/** What the compiler said of a program. */
export interface Verdict {
  /** Its messages, without the program's path; empty when it compiles. */
  readonly messages: string
  /** What `--extendedDiagnostics` counted: `Instantiations`, `Types`, `Check time`. */
  readonly counts: Readonly<Record<string, number>>
}

/** Compiles programs, all in one run, with the compiler and the settings of the project. */
export async function compile<Name extends string>(
  programs: Readonly<Record<Name, string>>,
): Promise<Record<Name, Verdict>> {
  // Inside the repository, so that `kwik/...` and `#core/...` are found.
  mkdirSync(join(root, 'build'), { recursive: true })
  const folder = mkdtempSync(join(root, 'build/types-'))
  try {
    const names = Object.keys(programs) as Name[]
    for (const name of names) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, `${name}.ts`), programs[name])
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: { noUnusedLocals: false },
        include: ['**/*.ts'],
        exclude: [],
      }),
    )
    const output = await tsc('-p', folder, '--pretty', 'false', '--extendedDiagnostics', '--singleThreaded')
    const counts = Object.fromEntries(
      [...output.matchAll(/^([A-Z][\w /]+): +([\d.]+)s?K?$/gm)].map(([, name, value]) => [name, Number(value)]),
    )
    const place = relative(root, folder)
    const verdictOf = (name: Name): Verdict => ({ messages: messagesOf(output, `${place}/${name}.ts`), counts })
    return Object.fromEntries(names.map((name) => [name, verdictOf(name)])) as Record<Name, Verdict>
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tsc(...args: readonly string[]): Promise<string> {
  const run = Bun.spawn([join(root, 'node_modules/.bin/tsc'), ...args], { cwd: root, stdout: 'pipe', stderr: 'pipe' })
  const [output, errors] = await Promise.all([new Response(run.stdout).text(), new Response(run.stderr).text()])
  await run.exited
  if (errors !== '') throw new Error(errors)
  return output
}

/** The messages about one file: the line that names it, and the indented lines below. */
function messagesOf(output: string, file: string): string {
  const lines: string[] = []
  let inside = false
  for (const line of output.split('\n')) {
    if (/^\S.*\(\d+,\d+\): error /.test(line)) inside = line.startsWith(file)
    else if (!line.startsWith(' ')) inside = false
    if (inside) lines.push(line.replace(`${file}(`, `${basename(file)}(`))
  }
  return lines.join('\n')
}
