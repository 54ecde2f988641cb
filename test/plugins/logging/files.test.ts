import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '#test'
import { createLogger, fileSink } from '../../../plugins/logging/index.ts'
import { canary, mark } from '../../canary.ts'
import { runProgram } from '../../fixtures/run-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'kwik-logs-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').filter(Boolean)

describe('a file of lines', () => {
  test('is put aside when it is full, the oldest goes, and no line is cut or lost between them', async () => {
    const path = join(folder, 'deep/app.log')
    const sink = fileSink({ path, size: '1KB', keep: 3 })
    const logger = createLogger({ sinks: [sink], format: 'json' })
    for (let n = 0; n < 60; n++) logger.info('häuser', { n })
    await logger.flush()
    await sink.close?.()
    const names = readdirSync(join(folder, 'deep')).sort()
    expect(names).toEqual(['app.log', 'app.log.1', 'app.log.2', 'app.log.3'])
    const numbers = [...names]
      .reverse()
      .flatMap((name) => linesOf(join(folder, 'deep', name)).map((line) => JSON.parse(line).n))
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => 60 - numbers.length + at))
    for (const name of names) expect(readFileSync(join(folder, 'deep', name)).length).toBeLessThanOrEqual(1024)
  })

  test('goes on where it was when the program starts again, and keeps none where none is wanted', async () => {
    const path = join(folder, 'again.log')
    for (const n of [1, 2]) {
      const sink = fileSink({ path, keep: 0, size: '200B' })
      const logger = createLogger({ sinks: [sink], format: 'json' })
      logger.info('line', { n })
      await sink.close?.()
    }
    expect(linesOf(path).map((line) => JSON.parse(line).n)).toEqual([1, 2])
    const sink = fileSink({ path, keep: 0, size: '200B' })
    createLogger({ sinks: [sink], format: 'json' }).info('line', { n: 3 })
    await sink.close?.()
    expect(linesOf(path).map((line) => JSON.parse(line).n)).toEqual([3])
    expect(readdirSync(folder).filter((name) => name.startsWith('again'))).toEqual(['again.log'])
  })

  test('with a size that is none is refused', () => {
    expect(() => fileSink({ path: join(folder, 'x.log'), size: '5 megabytes' as never })).toThrow('is no size')
    expect(() => fileSink({ path: join(folder, 'x.log'), keep: -1 })).toThrow('a whole number from 0')
  })
})

describe('a process that goes down', () => {
  const bodies: [string, string, string][] = [
    [
      'by a rejection that nobody took',
      `Promise.reject(new Error('disk is gone password=${canary}'))`,
      'a promise was rejected that nobody waited for',
    ],
    [
      'by an error that nobody caught',
      `setTimeout(() => { throw new Error('disk is gone password=${canary}') }, 0)`,
      'an error that nobody caught ends the process',
    ],
    [
      'by a rejection that is no error',
      `Promise.reject('disk is gone password=${canary}')`,
      'a promise was rejected that nobody waited for',
    ],
  ]
  for (const [says, crash, message] of bodies)
    test(`${says} has written why, with the stack`, async () => {
      const path = join(folder, `${crypto.randomUUID()}.log`)
      const { code } = await runProgram(`
import { fileSink } from '${new URL('../../../plugins/logging/index.ts', import.meta.url).href}'
import { serve } from '${new URL('../../../src/core/serve.ts', import.meta.url).href}'
const logger = createLogger({ sinks: [fileSink({ path: '${path}' })], format: 'json' })
const app = new Elysia().use(core({ signals: false })).use(logging({ logger })).get('/x', () => 'x', open)
const served = await serve(app, { port: 0, hostname: '127.0.0.1' })
await (await fetch('http://127.0.0.1:' + served.port + '/x')).text()
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500)
${crash}`)
      const lines = linesOf(path).map((line) => JSON.parse(line))
      const fatal = lines.find((line) => line.level === 'fatal')
      expect(fatal.message).toBe(message)
      expect(JSON.stringify(fatal.error)).toContain('disk is gone')
      if (!says.includes('no error')) expect(fatal.error.stack).toContain('program.ts')
      expect(JSON.stringify(lines)).not.toContain(mark)
      expect(code).not.toBe(0)
    }, 30_000)
})
