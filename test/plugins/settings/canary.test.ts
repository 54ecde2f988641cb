import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '#test'
import { canary, mark } from '../../canary.ts'

test('a planted secret is in nothing that a program prints, logs, traces, documents or answers', async () => {
  const program = fileURLToPath(new URL('../../fixtures/programs/planted-secret.ts', import.meta.url))
  const flags =
    'Bun' in globalThis ? ['--no-env-file'] : ['run', '-A', '--no-check', '--no-lock', '--node-modules-dir=manual']
  const child = spawn(process.execPath, [...flags, program], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], KWIK_MAIL__KEY: canary, NODE_ENV: 'test' },
    timeout: 60_000,
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text))
  const code = await new Promise((done) => child.once('close', done))
  // It ends with an error that nobody caught: that is printed too.
  expect([code, out.includes('\ndone\n'), out.includes('it failed with ***')]).toEqual([1, true, true])
  expect(out.split('\n').filter((line) => line.includes(mark))).toEqual([])
  expect(out.match(/\*\*\*/g)!.length).toBeGreaterThan(40)
}, 60_000)
