import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Elysia, file, status } from 'elysia'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { afterAll, describe, expect, test } from '#test'

const root = join(import.meta.dirname, '../..')
const open = { public: true } as const
const folder = mkdtempSync(join(tmpdir(), 'kwik-answered-'))
const there = join(folder, 'there.txt')
const missing = join(folder, 'missing.txt')
writeFileSync(there, 'hello')
afterAll(() => rmSync(folder, { recursive: true }))

function make(answer: () => unknown) {
  const ends: number[] = []
  const told: unknown[] = []
  const watch = definePlugin<KwikPlugin<{}>, {}>({
    name: 'watch',
    options: {},
    keys: [],
    setup: () => ({ close: (_, end) => void ends.push(end.status) }),
  })
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(watch)
    .onError(({ error }) => void told.push(error))
    .get('/x', answer, open)
  return { app, ends, told }
}

/** What a client on a socket gets, and the status that plugins are told. */
async function ask(answer: () => unknown, init: RequestInit = {}) {
  const { app, ends, told } = make(answer)
  app.listen({ port: 0, hostname: '127.0.0.1' })
  try {
    const response = await fetch(`http://127.0.0.1:${app.server!.port}/x`, init)
    const text = await response.text()
    const type = response.headers.get('content-type')
    const code = type === 'application/problem+json' && text !== '' ? JSON.parse(text).code : undefined
    return { status: response.status, type, text, code, ends, told: told.length }
  } finally {
    await app.stop(true)
  }
}

describe.skipIf(!('Bun' in globalThis))('a file that a handler answers with', () => {
  for (const [how, answer] of [
    ['as it is', (path: string) => Bun.file(path)],
    ['by a promise', async (path: string) => Bun.file(path)],
    ["by Elysia's file()", (path: string) => file(path)],
    ['with a status', (path: string) => status(203, Bun.file(path))],
    ['in part', (path: string) => Bun.file(path).slice(0, 5)],
  ] as const) {
    test(`${how}, leaves when it is there`, async () => {
      expect(await ask(() => answer(there))).toMatchObject({ text: 'hello', told: 0 })
    })

    test(`${how}, is a 404 when it is not there`, async () => {
      const problem = { status: 404, code: 'KWIK_NOT_FOUND', ends: [404], told: 1 }
      expect(await ask(() => answer(missing))).toMatchObject(problem)
      expect(await ask(() => answer(missing), { headers: { range: 'bytes=0-1' } })).toMatchObject(problem)
      expect(await ask(() => answer(missing), { method: 'HEAD' })).toMatchObject({ status: 404, ends: [404] })
    })
  }

  test('is a 404 when its name leads to no file', async () => {
    for (const path of [folder, join(there, 'below'), join(folder, 'x'.repeat(300))])
      expect(await ask(() => Bun.file(path))).toMatchObject({ status: 404, code: 'KWIK_NOT_FOUND', ends: [404] })
  })

  test('is not looked for when it is in memory', async () => {
    expect(await ask(() => new File(['hello'], missing))).toMatchObject({ status: 200, text: 'hello' })
    expect(await ask(() => new Blob(['hello']))).toMatchObject({ status: 200, text: 'hello' })
  })

  test('leaves when the executable itself holds it', async () => {
    const program = join(folder, 'program.ts')
    const held = join(folder, 'held.txt')
    writeFileSync(held, 'hello')
    writeFileSync(
      program,
      `import held from './held.txt' with { type: 'file' }
       import { Elysia } from ${JSON.stringify(join(root, 'node_modules/elysia'))}
       import { core } from ${JSON.stringify(join(root, 'src/core/access.ts'))}
       const app = new Elysia().use(core({ signals: false })).get('/x', () => Bun.file(held), { public: true })
       console.log(await (await app.handle(new Request('http://localhost/x'))).text())`,
    )
    const built = Bun.spawnSync(['bun', 'build', '--compile', program, '--outfile', join(folder, 'program')])
    expect(built.exitCode).toBe(0)
    rmSync(held)
    const run = Bun.spawnSync([join(folder, 'program')], { cwd: folder })
    expect(run.stdout.toString().trim()).toBe('hello')
  })
})
