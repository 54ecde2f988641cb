import { connect } from 'node:net'
import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import type { Problem } from '#core/problem'
import { afterAll, beforeAll, describe, expect, test } from '#test'

const stored: unknown[] = []
const secret = 'SELECT password FROM users'
const makeApp = () =>
  new Elysia()
    .use(core({ timeout: '300ms', logger: { debug() {}, info() {}, warning() {}, error() {} } }))
    .post('/things', ({ body }) => void stored.push(body), {
      public: true,
      body: t.Object({ name: t.String({ minLength: 2 }), tags: t.Optional(t.Array(t.Object({ id: t.Integer() }))) }),
    })
    .post('/small', ({ body }) => void stored.push(body), { public: true, bodyLimit: 100 })
    .post('/upload', ({ body }) => ({ size: body.file.size }), { public: true, body: t.Object({ file: t.File() }) })
    .get('/things/:id', ({ params }) => params.id, {
      public: true,
      params: t.Object({ id: t.Integer() }),
      query: t.Object({ page: t.Optional(t.Integer()) }),
    })
    .get(
      '/fails',
      () => {
        throw new Error(secret)
      },
      { public: true },
    )
    .get('/lies', () => ({ n: 'x' }) as never, { public: true, response: t.Object({ n: t.Number() }) })
    .get('/never', () => new Promise<string>(() => {}), { public: true })

const json = { 'content-type': 'application/json' }
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
type Case = readonly [name: string, path: string, init: RequestInit, status: number, code: string, where?: string]
const cases: readonly Case[] = [
  ['broken JSON', '/things', { method: 'POST', body: '{"name":', headers: json }, 400, 'KWIK_BODY_MALFORMED'],
  [
    'bad UTF-8 JSON',
    '/things',
    { method: 'POST', body: new Uint8Array([34, 255, 254, 34]), headers: json },
    400,
    'KWIK_BODY_MALFORMED',
  ],
  ['JSON 65 deep', '/small', { method: 'POST', body: deep(65), headers: json }, 413, 'KWIK_BODY_TOO_LARGE'],
  ['JSON 100 deep', '/things', { method: 'POST', body: deep(100), headers: json }, 400, 'KWIK_BODY_TOO_DEEP'],
  ['JSON 400,000 deep', '/things', { method: 'POST', body: deep(400_000), headers: json }, 400, 'KWIK_BODY_TOO_DEEP'],
  [
    'wrong content type',
    '/things',
    { method: 'POST', body: 'a,b', headers: { 'content-type': 'text/csv' } },
    415,
    'KWIK_BODY_TYPE',
  ],
  ['body without content type', '/things', { method: 'POST', body: new Uint8Array([1]) }, 415, 'KWIK_BODY_TYPE'],
  ['no body', '/things', { method: 'POST' }, 422, 'KWIK_INVALID'],
  ['empty JSON body', '/things', { method: 'POST', body: '', headers: json }, 422, 'KWIK_INVALID'],
  ['JSON null', '/things', { method: 'POST', body: 'null', headers: json }, 422, 'KWIK_INVALID'],
  [
    '10 MB',
    '/things',
    { method: 'POST', body: `"${'x'.repeat(10_000_000)}"`, headers: json },
    413,
    'KWIK_BODY_TOO_LARGE',
  ],
  [
    'over the limit of its route',
    '/small',
    { method: 'POST', body: `"${'x'.repeat(200)}"`, headers: json },
    413,
    'KWIK_BODY_TOO_LARGE',
  ],
  [
    'unknown field',
    '/things',
    { method: 'POST', body: '{"name":"ab","nmae":1}', headers: json },
    422,
    'KWIK_INVALID',
    '/nmae',
  ],
  [
    'unknown nested field',
    '/things',
    { method: 'POST', body: '{"name":"ab","tags":[{"id":1,"x":2}]}', headers: json },
    422,
    'KWIK_INVALID',
    '/tags/0/x',
  ],
  [
    '__proto__',
    '/things',
    { method: 'POST', body: '{"name":"ab","__proto__":{"admin":true}}', headers: json },
    422,
    'KWIK_INVALID',
    '/__proto__',
  ],
  ['missing field', '/things', { method: 'POST', body: '{}', headers: json }, 422, 'KWIK_INVALID', '/name'],
  ['too short', '/things', { method: 'POST', body: '{"name":"a"}', headers: json }, 422, 'KWIK_INVALID', '/name'],
  ['malformed id', '/things/abc', {}, 422, 'KWIK_INVALID', 'id'],
  ['bad query', '/things/1?page=x', {}, 400, 'KWIK_QUERY_INVALID', 'page'],
  ['bad encoding in the path', '/things/%E0%A4%A', {}, 400, 'KWIK_URL_MALFORMED'],
  ['bad encoding in the query', '/things/1?page=%zz', {}, 400, 'KWIK_URL_MALFORMED'],
  ['URL over 8 KB', `/things/1?page=${'1'.repeat(9000)}`, {}, 414, 'KWIK_URL_TOO_LONG'],
  ['nothing there', '/nothing', {}, 404, 'KWIK_NOT_FOUND'],
  ['wrong method', '/things/1', { method: 'DELETE' }, 405, 'KWIK_METHOD_NOT_ALLOWED'],
  ['an error of the handler', '/fails', {}, 500, 'KWIK_INTERNAL'],
  ['an answer that breaks its schema', '/lies', {}, 500, 'KWIK_RESPONSE_INVALID'],
  ['a handler that takes too long', '/never', {}, 503, 'KWIK_TIMEOUT'],
]

const app = makeApp()
const served: AnyElysia = makeApp()
beforeAll(() => void served.listen({ port: 0, hostname: '127.0.0.1' }))
afterAll(async () => void (await served.stop(true)))
const asks = {
  handle: (path: string, init: RequestInit) => app.handle(new Request(`http://localhost${path}`, init)),
  socket: (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${served.server!.port}${path}`, init),
}

for (const [way, ask] of Object.entries(asks))
  describe(`a bad request (${way})`, () => {
    for (const [name, path, init, status, code, where] of cases)
      test(`${name} is ${status} ${code}`, async () => {
        const response = await ask(path, init)
        const text = await response.text()
        const problem = JSON.parse(text) as Problem
        expect([response.status, problem.code, problem.status]).toEqual([status, code, status])
        expect(response.headers.get('content-type')).toBe('application/problem+json')
        if (where) expect(problem.errors?.map((issue) => issue.pointer ?? issue.parameter)).toEqual([where])
        expect(text).not.toContain(secret)
        expect(text).not.toMatch(/\.ts:|node_modules| at /)
        expect(stored).toEqual([])
        expect(({} as { admin?: boolean }).admin).toBeUndefined()
      })

    test('405 says what is allowed', async () => {
      const response = await ask('/things/1', { method: 'DELETE' })
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    })

    test('HEAD answers as GET without a body', async () => {
      const response = await ask('/things/1', { method: 'HEAD' })
      expect([response.status, await response.text()]).toEqual([200, ''])
      expect((await ask('/nothing', { method: 'HEAD' })).status).toBe(404)
    })

    test('OPTIONS answers 204 with Allow', async () => {
      const response = await ask('/things', { method: 'OPTIONS' })
      expect([response.status, response.headers.get('allow')]).toEqual([204, 'OPTIONS, POST'])
    })

    test('a form with a file is taken', async () => {
      const form = new FormData()
      form.set('file', new File(['12345'], 'a.txt', { type: 'text/plain' }))
      const response = await ask('/upload', { method: 'POST', body: form })
      expect(response.status).toBe(way === 'socket' ? 200 : 411)
    })
  })

/** Sends bytes as they are and answers the status line, or what arrived within the time. */
const raw = (text: string, rest?: { after: number; text: string }): Promise<string> =>
  new Promise((done) => {
    let got = ''
    const socket = connect(served.server!.port!, '127.0.0.1', () => socket.write(text))
    socket.on('data', (data) => {
      got += data
      if (got.includes('\r\n\r\n')) setTimeout(() => socket.destroy(), 20)
    })
    socket.on('error', () => {})
    socket.on('close', () => done(got))
    if (rest) setTimeout(() => socket.write(rest.text), rest.after)
  })

describe('on the wire', () => {
  test('a method that this server does not know is 501', async () => {
    expect(await raw('PROPFIND /things HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatch(/^HTTP\/1.1 501/)
  })
  test("a method that Bun's parser does not know ends the connection without a hang", async () => {
    expect(await raw('BREW /things HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatch(/^HTTP\/1.1 (501|400)|^$/)
  })
  test('a host of one letter is served', async () => {
    expect(await raw('GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(/^HTTP\/1.1 200[\s\S]*\r\n\r\n7$/)
  })
  test('a chunked body over the limit is 413 with the rest unread', async () => {
    const chunk = `${(64).toString(16)}\r\n${'x'.repeat(64)}\r\n`
    const answer = await raw(
      `POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 413/)
  })
  test('a body that never arrives is 408 and stores nothing', async () => {
    const answer = await raw(
      'POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"na',
    )
    expect(answer).toMatch(/^HTTP\/1.1 408/)
    expect(stored).toEqual([])
  })
  test('huge headers are refused without a hang', async () => {
    expect(await raw(`GET /things/7 HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 (431|400)|^$/,
    )
  })
})
