import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { bufferedOutput } from '../../../plugins/logging/sinks/output.ts'

const plugin = new URL('../../../plugins/logging/index.ts', import.meta.url).href
const root = new URL('../../..', import.meta.url).pathname
let dir = ''
beforeAll(() => {
  // Inside the repository, so that programs find their packages.
  mkdirSync(join(root, 'build'), { recursive: true })
  dir = mkdtempSync(join(root, 'build', 'logging-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a program that logs, and answers what it wrote. */
async function run(body: string, read: 'all' | 'nothing' = 'all') {
  const file = join(dir, `${crypto.randomUUID()}.ts`)
  writeFileSync(
    file,
    `import { createLogger } from '${plugin}'\nconst log = createLogger({ format: 'json' })\n${body}\n`,
  )
  const child = Bun.spawn([process.execPath, file], {
    stdout: 'pipe',
    stderr: 'pipe',
    cwd: root,
  })
  if (read === 'nothing') {
    await child.stdout.cancel()
    const [code, errors] = await Promise.all([child.exited, new Response(child.stderr).text()])
    return { code, errors, lines: [] }
  }
  const [text, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return {
    code,
    errors,
    lines: text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  }
}

describe('standard output', () => {
  test('has every line, in order, when the program ends by itself', async () => {
    const { lines } = await run(`for (let n = 0; n < 5000; n++) log.info('line', { n })`)
    expect(lines.map((line) => line.n)).toEqual(Array.from({ length: 5000 }, (_, n) => n))
  })

  test('has every line when the program exits in the middle', async () => {
    const { lines, code } = await run(`for (let n = 0; n < 3000; n++) log.info('line', { n }); process.exit(3)`)
    expect([lines.length, lines.at(-1).n, code]).toEqual([3000, 2999, 3])
  })

  test('has the last line when the program crashes', async () => {
    for (const crash of [`throw new Error('x')`, `Promise.reject(new Error('x'))`]) {
      const { lines, code } = await run(`log.error('before the end'); ${crash}`)
      expect([lines.map((line) => line.message), code]).toEqual([['before the end'], 1])
    }
  })

  test('has every line after flush', async () => {
    const { lines } = await run(
      `log.info('a'); await log.flush(); log.info('b'); await log.flush(); await log.flush(); process.kill(process.pid, 'SIGKILL')`,
    )
    expect(lines.map((line) => line.message)).toEqual(['a', 'b'])
  })

  test('has the line of each request when the server is told to stop', async () => {
    const { lines, code } = await run(`
      const { Elysia } = await import('elysia')
      const { core } = await import('${new URL('../../../src/core/access.ts', import.meta.url).href}')
      const { logging } = await import('${plugin}')
      const app = new Elysia().use(core()).use(logging({ format: 'json' })).get('/:id', () => 'ok', { public: true })
      app.listen({ port: 0, hostname: '127.0.0.1' })
      for (let n = 0; n < 20; n++) await (await fetch('http://127.0.0.1:' + app.server.port + '/' + n)).text()
      process.kill(process.pid, 'SIGTERM')`)
    expect([lines.length, lines.every((line) => line.route === '/:id'), code]).toEqual([20, true, 0])
  })

  test('that nobody reads any more does not stop the program', async () => {
    const { code, errors } = await run(
      `for (let n = 0; n < 50; n++) { log.info('x'.repeat(5000)); await Bun.sleep(1) }; await log.flush(); console.error('alive'); process.exit(0)`,
      'nothing',
    )
    expect([code, errors.trim()]).toEqual([0, 'alive'])
  })

  test('with a reader that is slow drops what does not fit, and says how much', async () => {
    const file = join(dir, 'slow.ts')
    writeFileSync(
      file,
      `import { createLogger } from '${plugin}'\nconst log = createLogger({ format: 'json' })
      for (let n = 0; n < 3000; n++) log.info('x'.repeat(4000)); await log.flush(); log.info('end'); await log.flush()`,
    )
    const out = join(dir, 'slow.txt')
    const child = Bun.spawn(['sh', '-c', `"${process.execPath}" "${file}" | (sleep 2; cat > "${out}")`])
    expect(await child.exited).toBe(0)
    const lines = readFileSync(out, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    const report = lines.find((line) => line.logger === 'kwik.logging')
    expect(report.dropped).toBeGreaterThan(0)
    expect(lines.length - 2 + report.dropped).toBe(3000)
    expect(lines.at(-1).message).toBe('end')
  })
})

describe('a file', () => {
  test('has every line, in batches and after a flush, and the last ones at exit', async () => {
    const path = join(dir, 'lines.txt')
    const descriptor = openSync(path, 'w')
    const output = bufferedOutput(descriptor)
    for (let n = 0; n < 3000; n++) output.write(`line ${n}`)
    expect(readFileSync(path, 'utf8').length).toBeGreaterThan(0)
    await output.flush()
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(3001)
    output.write('later')
    await sleep(100)
    expect(readFileSync(path, 'utf8').endsWith('later\n')).toBe(true)
    closeSync(descriptor)
  })

  test('that cannot be written any more loses lines, and the next one that can says how many', async () => {
    const path = join(dir, 'gone.txt')
    const descriptor = openSync(path, 'w')
    const output = bufferedOutput(descriptor)
    closeSync(descriptor)
    output.write('one')
    output.write('two')
    await output.flush()
    expect(output.dropped).toBe(2)
    // The lowest free number is given out again.
    expect(openSync(path, 'w')).toBe(descriptor)
    output.write('three')
    await output.flush()
    const [report, line] = readFileSync(path, 'utf8').split('\n')
    expect([JSON.parse(report!).dropped, line]).toEqual([2, 'three'])
    closeSync(descriptor)
  })
})
