import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What a program of this runtime says of itself when it is run in a folder. */
export async function runProgram(
  body: string,
  { env = {}, folder }: { readonly env?: Readonly<Record<string, string>>; readonly folder?: string } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  mkdirSync(join(root, 'build'), { recursive: true })
  // Inside the repository, so that it finds its packages.
  const place = mkdtempSync(join(root, 'build', 'program-'))
  const file = join(place, 'program.ts')
  const from = (path: string): string => new URL(`../../../${path}`, import.meta.url).href
  writeFileSync(
    file,
    `import process from 'node:process'
import { Elysia } from 'elysia'
import { core } from '${from('src/core/access.ts')}'
import { stopGracefully } from '${from('src/core/lifecycle.ts')}'
import { createLogger, logging } from '${from('plugins/logging/index.ts')}'
import { tracing } from '${from('plugins/tracing/index.ts')}'
const open = { public: true } as never
${body}
`,
  )
  const deno = !process.versions['bun']
  const words = deno ? ['run', '--allow-all', '--no-check', '--node-modules-dir=manual', '--no-lock', file] : [file]
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _, ...clean } = process.env
  const child = spawn(process.execPath, words, {
    cwd: folder ?? root,
    env: { ...clean, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = await new Promise<number | null>((done) => child.on('close', done))
  rmSync(place, { recursive: true, force: true })
  return { code, out, err }
}
