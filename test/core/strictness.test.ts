import { Elysia } from 'elysia'
import { core } from '#core/access'
import { guarded, open } from '#core/foreign'
import { describe, expect, test } from '#test'
import { authenticate, request } from '../fixtures/platform.ts'
import { identity } from '../fixtures/plugins/identity.ts'

const listening = () => {
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, warning: (text: string) => void warnings.push(text), error() {} }
  return { warnings, logger }
}
const theirs = () => new Elysia().get('/theirs', () => 'theirs')

describe('strict: false', () => {
  test('keeps undeclared routes open and warns once with all of them', async () => {
    const { warnings, logger } = listening()
    const app = new Elysia()
      .use(core({ strict: false, logger }))
      .get('/a', () => 'a')
      .post('/b', () => 'b')
      .get('/c', () => 'c', { public: true })
    expect(await (await app.handle(request('GET', '/a'))).text()).toBe('a')
    expect((await app.handle(request('POST', '/b', undefined, '{}'))).status).toBe(200)
    expect(warnings).toEqual([
      'routes that say neither `auth`, `permission` nor `public: true` are open to anybody: GET /a, POST /b',
    ])
  })

  test('still refuses a route that contradicts itself', async () => {
    const app = new Elysia().use(core({ strict: false })).get('/a', () => 'a', { public: true, auth: true })
    expect((await app.handle(request('GET', '/a'))).status).toBe(500)
  })
})

describe("another maker's plugin", () => {
  const platform = () => new Elysia({ name: 'p' }).use(core()).use(identity({ authenticate }))
  test('is refused as it is', async () => {
    expect((await new Elysia().use(platform()).use(theirs()).handle(request('GET', '/theirs'))).status).toBe(500)
  })
  test('enters by open(), with every route public', async () => {
    const app = new Elysia().use(platform()).use(open(theirs()))
    expect((await app.handle(request('GET', '/theirs'))).status).toBe(200)
  })
  test('enters by guarded(), with the guard before every route', async () => {
    const app = new Elysia().use(platform()).use(guarded({ permission: 'posts:read' }, theirs()))
    const statuses = []
    for (const who of [undefined, 'bob', 'reader'])
      statuses.push((await app.handle(request('GET', '/theirs', who))).status)
    expect(statuses).toEqual([401, 403, 200])
  })
})

describe('credentials', () => {
  test('the ways that a route takes are checked', async () => {
    const app = new Elysia()
      .use(core())
      .use(identity({ authenticate }))
      .get('/key', () => 'key', { auth: ['apiKey'] })
    expect((await app.handle(request('GET', '/key', 'admin'))).status).toBe(401)
  })
  test('of a signed-in caller do no harm on a public route', async () => {
    const app = new Elysia()
      .use(core())
      .use(identity({ authenticate }))
      .get('/', () => 'x', { public: true })
    expect((await app.handle(request('GET', '/', 'nobody'))).status).toBe(200)
  })
})
