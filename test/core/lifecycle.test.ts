import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '#test'

const program = fileURLToPath(new URL('../fixtures/programs/slow-server.ts', import.meta.url))

/** A server in a process of its own, with its port and all that it says. */
async function start() {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  child.stderr.on('data', (data) => said.push(String(data)))
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  const port = await new Promise<number>((done, fail) => {
    child.stdout.on('data', (data) => {
      said.push(String(data))
      const found = /port (\d+)/.exec(said.join(''))
      if (found) done(Number(found[1]))
    })
    void ended.then(() => fail(new Error(`it ended: ${said.join('')}`)))
  })
  return { child, port, ended, said }
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((done) => setTimeout(done, 10))
}

describe('SIGTERM', () => {
  test('finishes open requests, takes no new ones, closes what plugins hold, and ends with 0', async () => {
    const { child, port, ended, said } = await start()
    const open = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text())
    await until(() => said.join('').includes('began'))
    child.kill('SIGTERM')
    await new Promise((done) => setTimeout(done, 50))
    const late = await fetch(`http://127.0.0.1:${port}/slow`).then(
      () => 'answered',
      () => 'refused',
    )
    expect([await open, late, await ended]).toEqual(['done', 'refused', 0])
    expect(said.join('')).toContain('closed')
  })

  test('a second one ends at once', async () => {
    const { child, port, ended, said } = await start()
    const open = fetch(`http://127.0.0.1:${port}/slow`).then(
      () => 'answered',
      () => 'cut',
    )
    await until(() => said.join('').includes('began'))
    child.kill('SIGTERM')
    await new Promise((done) => setTimeout(done, 50))
    child.kill('SIGTERM')
    expect([await open, await ended]).toEqual(['cut', 1])
  })
})
