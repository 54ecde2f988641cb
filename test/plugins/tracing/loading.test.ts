import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { describe, expect, sleep, test } from '#test'
import type { TracingOptions } from '../../../plugins/tracing/index.ts'
import { runProgram } from '../../fixtures/run-program.ts'
import { traced } from './spans.ts'

/** Says whether OpenTelemetry was loaded: by its mark on the process, and by the files that were read. */
const said = `
const app = new Elysia().use(core({ signals: false })).use(logging({ write() {}, format: 'json' })).use(tracing(options)).get('/x', () => 'x', open)
const answer = await app.handle(new Request('http://localhost/x'))
const loaded = Symbol.for('opentelemetry.js.api.1') in globalThis
const files = typeof Bun === 'undefined' ? [] : Object.keys(require.cache).filter((file) => file.includes('@opentelemetry'))
console.log(JSON.stringify({ status: answer.status, loaded, files: files.length > 0 }))
await stopGracefully(app)
process.exit(0)`

describe('OpenTelemetry', () => {
  const ways: [string, string, Record<string, string>, boolean][] = [
    ['is not loaded while nothing asks for it', 'undefined', {}, false],
    ['is not loaded when tracing is switched off by its variable', '{}', { OTEL_SDK_DISABLED: 'true' }, false],
    [
      'is not loaded when the exporter is none',
      'undefined',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' },
      false,
    ],
    [
      'is loaded when its standard variable names a collector',
      'undefined',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
      true,
    ],
    ['is loaded when options ask for it', "{ endpoint: 'http://127.0.0.1:1' }", {}, true],
  ]
  for (const [says, options, env, loaded] of ways)
    test(says, async () => {
      const { out, err } = await runProgram(`const options = ${options}${said}`, { env })
      expect([
        err,
        JSON.parse(out.split('\n').at(-2) ?? '{}').status,
        JSON.parse(out.split('\n').at(-2) ?? '{}').loaded,
      ]).toEqual(['', 200, loaded])
      if (!loaded) expect(out).toContain('"files":false')
    }, 30_000)
})

describe('two versions of the API', () => {
  test('are refused at boot, both named with what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kwik-copies-'))
    const own = join(folder, 'node_modules/@opentelemetry/api')
    mkdirSync(dirname(own), { recursive: true })
    const ours = fileURLToPath(new URL('../../../node_modules/@opentelemetry/api', import.meta.url))
    cpSync(ours, own, { recursive: true, dereference: true })
    const manifest = join(own, 'package.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": "1.9.0"', '"version": "1.10.0"'))
    writeFileSync(join(folder, 'package.json'), '{}')
    try {
      const { err } = await runProgram(
        `
const app = new Elysia().use(core({ signals: false })).use(tracing({ endpoint: 'http://127.0.0.1:1' })).get('/x', () => 'x', open)
const answer = await app.handle(new Request('http://localhost/x'))
console.error(answer.status)
process.exit(0)`,
        { folder },
      )
      expect(err).toContain('there are 2 versions of @opentelemetry/api')
      expect(err).toContain('1.9.0 in ')
      expect(err).toContain(`1.10.0 in ${own}`)
      expect(err).toContain('bun add --exact @opentelemetry/api@1.9.0')
      expect(err.trim().endsWith('500')).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 30_000)
})

describe("an exporter of OpenTelemetry's SDK", () => {
  test('is handed spans that it can deliver', async () => {
    const heard: string[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (data) => (text += String(data)))
      request.on('end', () => {
        heard.push(text)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    }).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const { port } = server.address() as { port: number }
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` })
    await traced(
      (app) => app.get('/x', () => 'x', { public: true } as never),
      async (ask) => void (await ask('/x')),
      { options: { exporter, service: 'shop' } },
    )
    server.close()
    const [{ resource, scopeSpans }] = JSON.parse(heard[0]!).resourceSpans
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'shop' } })
    const [span] = scopeSpans[0].spans
    expect([span.name, span.kind, span.traceId.length]).toEqual(['GET /x', 2, 32])
    expect(Number(span.endTimeUnixNano) - Number(span.startTimeUnixNano)).toBeGreaterThan(0)
  })
})

describe('a collector', () => {
  const app = (url: string) => `
const lines: string[] = []
const app = new Elysia().use(core({ signals: false })).use(logging({ write: (line) => void lines.push(line), format: 'json' }))
  .use(tracing({ endpoint: '${url}' })).get('/x', () => 'x', open)
const ask = async () => { const at = performance.now(); const answer = await app.handle(new Request('http://localhost/x')); await answer.text(); return [answer.status, performance.now() - at] as const }
`
  test('that is down costs requests nothing, and is warned of once', async () => {
    const { out, err } = await runProgram(
      `${app('http://127.0.0.1:1')}
const seen: unknown[] = []
for (let round = 0; round < 4; round++) {
  for (let n = 0; n < 30; n++) seen.push((await ask())[0])
  await new Promise((done) => setTimeout(done, 150))
}
await stopGracefully(app)
const warnings = lines.filter((line) => line.includes('cannot be delivered')).map((line) => JSON.parse(line))
console.log(JSON.stringify({ ok: seen.every((status) => status === 200), warnings }))
process.exit(0)`,
      { env: { OTEL_BSP_SCHEDULE_DELAY: '50' } },
    )
    const { ok, warnings } = JSON.parse(out.split('\n').at(-2)!)
    expect([err, ok, warnings.length]).toEqual(['', true, 1])
    expect(warnings[0]).toMatchObject({ level: 'warning', signal: 'traces', collector: '127.0.0.1:1' })
    expect(warnings[0].message).toContain('the collector cannot be reached')
    expect(warnings[0]).not.toHaveProperty('requestId')
  }, 30_000)

  test('that never answers costs requests nothing, and does not hold up the end of the app', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((done) => silent.once('listening', done))
    const { port } = silent.address() as { port: number }
    const { out } = await runProgram(
      `${app(`http://127.0.0.1:${port}`)}
await ask()
await new Promise((done) => setTimeout(done, 100))
const slowest = Math.max(...(await Promise.all(Array.from({ length: 50 }, ask))).map(([, ms]) => ms))
const before = performance.now()
await stopGracefully(app)
console.log(JSON.stringify({ slowest, stopped: performance.now() - before, warned: lines.filter((line) => line.includes('does not answer in time')).length }))
process.exit(0)`,
      { env: { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_EXPORTER_OTLP_TIMEOUT: '300' } },
    )
    silent.closeAllConnections()
    silent.close()
    await sleep(0)
    const { slowest, stopped, warned } = JSON.parse(out.split('\n').at(-2)!)
    expect([slowest < 250, stopped < 4000, warned]).toEqual([true, true, 1])
  }, 30_000)
})

describe('an option that cannot be meant', () => {
  const refusals: [TracingOptions, Record<string, string>, string][] = [
    [{ ratio: 2 }, {}, 'ratio is a number from 0 to 1, not 2'],
    [{ endpoint: 'collector' }, {}, 'the endpoint is no URL of a collector'],
    [{}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'Kwik speaks OTLP over HTTP, not grpc'],
  ]
  for (const [options, env, says] of refusals)
    test(`is refused at boot: ${says}`, async () => {
      const { err, out } = await runProgram(
        `const app = new Elysia().use(core({ signals: false })).use(tracing(${JSON.stringify(options)})).get('/x', () => 'x', open)
console.log((await app.handle(new Request('http://localhost/x'))).status)
process.exit(0)`,
        { env },
      )
      expect(err).toContain(says)
      expect(out.trim()).toBe('500')
    }, 30_000)
})
