import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from '#test'
import { type Fence, fencesOf } from './fences.ts'
import { projectFiles, root } from './sources.ts'

const pages: readonly string[] = projectFiles().filter((path) => /^(README|CONTRIBUTING|docs\/.*)\.md$/.test(path))
const texts: readonly string[] = await Promise.all(pages.map((page) => Bun.file(`${root}/${page}`).text()))
const fences: readonly Fence[] = pages.flatMap((page, at) => fencesOf(page, texts[at]!))

// Inside the repository, so that `kwik/...` is the package itself.
mkdirSync(`${root}/build`, { recursive: true })
const folder: string = mkdtempSync(`${root}/build/examples-`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const folderOf = (page: string): string => join(folder, page.replaceAll('/', '_'))
/** A line of the program is the same line of its page. */
const programOf = ({ line, code }: Fence): string => `${'\n'.repeat(line - 1)}${code}\n`

for (const fence of fences) {
  const path = join(folderOf(fence.page), fence.file ?? `line-${fence.line}.ts`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, programOf(fence))
}

/** Loads a module in a process of its own, which ends when the module has run: a server of it is not waited for. */
async function run(fence: Fence): Promise<{ readonly code: number; readonly output: string }> {
  const file = `./${fence.file ?? `line-${fence.line}.ts`}`
  const child = Bun.spawn([process.execPath, '--no-env-file', '-e', `await import('${file}'); process.exit(0)`], {
    cwd: folderOf(fence.page),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', NODE_ENV: 'test' },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 20_000,
  })
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  return { code, output: `${stderr}${stdout}`.trim().slice(0, 2000) }
}

describe('every example of the pages runs', () => {
  test.each(fences.map((fence) => [`${fence.page}:${fence.line}`, fence] as const))(
    '%s',
    async (place, fence) => {
      const { code, output } = await run(fence)
      if (code !== 0) throw new Error(`${place} ends with ${code}:\n${output}`)
    },
    30_000,
  )
})

describe('fences', () => {
  const page = [
    '# Title',
    '```ts',
    'a()',
    '```',
    '```ts ignore',
    'b()',
    '```',
    '```ts c.ts',
    'c()',
    '```',
    '```sh',
    'd',
    '```',
  ]

  test('are programs unless they are tagged `ignore` or of another language', () => {
    expect(fencesOf('x.md', page.join('\n'))).toEqual([
      { page: 'x.md', line: 3, file: undefined, code: 'a()' },
      { page: 'x.md', line: 9, file: 'c.ts', code: 'c()' },
    ])
  })
})
