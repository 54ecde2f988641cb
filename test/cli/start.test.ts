import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, sleep, test } from '#test'
import { backoff } from '../../cli/running/backoff.ts'
import { freePort } from '../e2e/registry.ts'
import { newApp, type TestApp } from './app.ts'
import { surroundings } from './command.ts'

const patience = 120_000
const entry = fileURLToPath(new URL('../../cli/index.ts', import.meta.url))
const routes = `
  .get('/pid', () => process.pid, { public: true })
  .get('/slow', async () => {
    await new Promise((done) => setTimeout(done, 1500))
    return 'finished'
  }, { public: true })
  .get('/die', () => process.exit(3), { public: true })
`
let app: TestApp
beforeAll(async () => {
  app = await newApp()
  const file = join(app.root, 'src/app.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('\n\nexport type', `${routes}\nexport type`))
}, patience)
afterAll(() => app.remove())

/** A program under way, and all that it says. */
function running(program: string, words: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(program, words, {
    cwd,
    env: { ...surroundings(), KWIK_TOKENS__SECRET: 'a-secret-that-is-long-enough-for-anybody-0123', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)))
  const ended = new Promise<number | null>((done) => child.once('exit', done))
  return { child, ended, said: () => said }
}
type Running = ReturnType<typeof running>

async function until(holds: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await holds()) return
    await sleep(50)
  }
  throw new Error(`waited in vain: ${what()}`)
}
const text = (url: string): Promise<string> =>
  fetch(url, { headers: { connection: 'close' } }).then((answer) => answer.text())
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const end = async ({
  child,
  ended,
}: {
  child: ChildProcess
  ended: Promise<number | null>
}): Promise<number | null> => {
  child.kill('SIGTERM')
  return ended
}
const start = async (words: readonly string[]): Promise<Running & { readonly url: string }> => {
  const port = await freePort()
  const one = running('bun', [entry, 'start', '--port', String(port), ...words], app.root)
  await until(() => one.said().includes('listening'), one.said)
  return { ...one, url: `http://127.0.0.1:${port}` }
}
const pidsOf = async (url: string, wanted: number): Promise<number[]> => {
  const pids = new Set<number>()
  await until(
    async () => {
      for (const pid of await Promise.all(Array.from({ length: 20 }, () => text(`${url}/pid`)))) pids.add(Number(pid))
      return pids.size >= wanted
    },
    () => `${[...pids]}`,
  )
  return [...pids]
}

describe('kwik start', () => {
  test.skipIf(process.platform !== 'linux')(
    'serves by several processes on one port, starts one again that dies, and finishes requests when it is told to stop',
    async () => {
      const server = await start(['--processes', '2'])
      const before = await pidsOf(server.url, 2)
      await text(`${server.url}/die`).catch(() => {})
      await until(() => server.said().includes('ended (exit code 3): started again in 100 ms'), server.said)
      await until(() => (server.said().match(/2 processes are listening/g) ?? []).length === 2, server.said)
      const after = await pidsOf(server.url, 2)
      expect(after.filter((pid) => before.includes(pid)).length).toBe(1)
      process.kill(after[0]!, 'SIGKILL')
      await until(() => server.said().includes('ended (SIGKILL)'), server.said)
      const slow = Array.from({ length: 6 }, () => text(`${server.url}/slow`))
      await sleep(500)
      expect(await end(server)).toBe(0)
      expect(await Promise.all(slow)).toEqual(Array(6).fill('finished'))
      expect(after.filter(alive)).toEqual([])
    },
    patience,
  )

  test(
    'ends at once when it is told twice',
    async () => {
      const server = await start([])
      const [pid] = await pidsOf(server.url, 1)
      const slow = text(`${server.url}/slow`).catch(() => 'cut')
      await sleep(300)
      server.child.kill('SIGTERM')
      await sleep(200)
      const before = performance.now()
      expect(await end(server)).toBe(1)
      expect([await slow, performance.now() - before < 1000, alive(pid!)]).toEqual(['cut', true, false])
    },
    patience,
  )

  test(
    'takes its processes along when it is killed itself',
    async () => {
      const server = await start([])
      const [pid] = await pidsOf(server.url, 1)
      server.child.kill('SIGKILL')
      await until(() => !alive(pid!), server.said)
    },
    patience,
  )

  test(
    'gives up when the app can never start, with what it says',
    async () => {
      const server = running('bun', [entry, 'start'], app.root, { DATABASE_URL: 'mysql://nowhere' })
      expect(await server.ended).toBe(1)
      expect(server.said()).toContain('not mysql:')
      expect(server.said()).toContain('could not start 5 times (exit code 1): giving up')
    },
    patience,
  )

  test('takes no words that it does not know', async () => {
    for (const [words, says] of [
      [['--processes', 'many'], 'write 1 to 256, or auto'],
      [['--processes', '0'], 'write 1 to 256, or auto'],
      [['--grace', 'long'], 'is no number of seconds'],
      [['--port', '99999'], 'is no port'],
    ] as const) {
      const one = running('bun', [entry, 'start', ...words], app.root)
      expect([await one.ended, one.said().includes(says)]).toEqual([2, true])
    }
  })
})

describe('the pause before a process is started again', () => {
  test('doubles up to ten seconds, and is short again after it went well for a while', () => {
    let now = 0
    const pauses = backoff(5, () => now)
    const crash = (after: number) => {
      pauses.served()
      now += after
      return pauses.failed(true)
    }
    expect(Array.from({ length: 9 }, () => crash(10))).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
    expect(crash(60_000)).toBe(100)
  })

  test('ends when the process never comes so far as to listen', () => {
    const pauses = backoff(3)
    expect([pauses.failed(false), pauses.failed(false), pauses.failed(false)]).toEqual([100, 200, undefined])
  })
})

describe('kwik build', () => {
  /** Elsewhere, with nothing of the repository near it. */
  const elsewhere = () => mkdtempSync(join(tmpdir(), 'kwik-built-'))
  const answers = async (program: string, words: string[], cwd: string) => {
    const port = await freePort()
    mkdirSync(join(cwd, 'data'), { recursive: true })
    const one = running(program, words, cwd, {
      PORT: String(port),
      DATABASE_URL: 'sqlite:./data/app.sqlite',
      NODE_ENV: 'production',
    })
    const url = `http://127.0.0.1:${port}`
    try {
      await until(
        async () => (await text(`${url}/health/ready`).catch(() => '')).includes('"ok"') || one.child.exitCode !== null,
        one.said,
      )
      const document = await text(`${url}/openapi/json`)
      return {
        ready: await text(`${url}/health/ready`).catch(one.said),
        document: document.includes('"openapi"'),
        code: await end(one),
      }
    } finally {
      one.child.kill('SIGKILL')
    }
  }

  test(
    'makes one file that runs with its migrations wherever it is put, and kwik start runs it',
    async () => {
      const { code, out, err } = await app.kwik('build')
      expect([code, err.includes('error')]).toEqual([0, false])
      expect(out).toMatch(/built +dist\/server\/index\.js \(\d+\.\d MB\)\n$/)
      const place = elsewhere()
      cpSync(join(app.root, 'dist'), join(place, 'dist'), { recursive: true })
      expect(await answers('bun', ['--no-env-file', 'dist/server/index.js'], place)).toEqual({
        ready: '{"status":"ok","checks":{"database":"ok"}}',
        document: true,
        code: 0,
      })
      rmSync(place, { recursive: true })
      const server = await start([])
      expect(await text(`${server.url}/health/live`)).toBe('{"status":"ok"}')
      expect(await end(server)).toBe(0)
    },
    patience,
  )

  test(
    'makes a binary that needs nothing but its migrations',
    async () => {
      const { code, out } = await app.kwik('build', '--binary')
      expect(code).toBe(0)
      expect(out).toMatch(/built +dist\/shop \(\d+\.\d MB\)\n$/)
      const place = elsewhere()
      cpSync(join(app.root, 'dist'), place, { recursive: true })
      expect(await answers(join(place, 'shop'), [], place)).toEqual({
        ready: '{"status":"ok","checks":{"database":"ok"}}',
        document: true,
        code: 0,
      })
      rmSync(place, { recursive: true })
    },
    patience,
  )

  test(
    'says what is wrong',
    async () => {
      expect(await app.kwik('build', '--target', 'bun-linux-arm64')).toMatchObject({
        code: 2,
        err: '--target is for a binary: add --binary\n',
      })
      const bare = app.copy()
      try {
        rmSync(join(bare.root, 'src/index.ts'))
        expect(await bare.kwik('build')).toMatchObject({
          code: 1,
          err: 'src/index.ts is not there: it starts the app\n',
        })
        expect(existsSync(join(bare.root, 'src/app.ts'))).toBe(true)
      } finally {
        bare.remove()
      }
    },
    patience,
  )
})
