import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'

const plugin = new URL('../../../plugins/logging/index.ts', import.meta.url).href
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kwik-logging-'))
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
    cwd: new URL('../../..', import.meta.url).pathname,
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
    const child = Bun.spawn(['sh', '-c', `"${process.execPath}" "${file}" | (sleep 0.5; cat > "${out}")`])
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
