import { Elysia } from 'elysia'
import { core } from '#core/access'
import { guarded, open } from '#core/foreign'
import { expect, test } from '#test'
import { definePermissions, own, permissions } from '../../plugins/permissions/index.ts'
import { accessOf, expectDeclaredAccess } from '../../src/testing/index.ts'

const declared = definePermissions({ posts: ['read', 'update', 'update:own'] })
const quiet = { debug() {}, info() {}, warning() {}, error() {} }
const base = (strict = false) =>
  new Elysia().use(core({ strict, logger: quiet, signals: false })).use(permissions({ declared }))

const fails = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('accessOf lists who may call each route', async () => {
  const app = base()
    .get('/posts', () => 'x', { permission: 'posts:read' })
    .patch('/posts/:id', () => 'x', { permission: { all: ['posts:read', own('posts:update', () => 'ann')] } })
    .get('/me', () => 'x', { auth: true })
    .get('/feed', () => 'x', { auth: ['apiKey'] })
    .get('/', () => 'x', { public: true })
    .post('/forgotten', () => 'x')
    .ws('/live', { message() {}, auth: true })
    .guard({ permission: 'posts:read' }, (guard) =>
      guard.delete('/posts/:id', () => 'x', { permission: 'posts:update' }),
    )
  expect(await accessOf(app)).toEqual([
    { method: 'GET', path: '/', who: 'anyone' },
    { method: 'GET', path: '/feed', who: 'signed in (apiKey)' },
    { method: 'POST', path: '/forgotten', who: 'undeclared' },
    { method: 'WS', path: '/live', who: 'signed in' },
    { method: 'GET', path: '/me', who: 'signed in' },
    { method: 'GET', path: '/posts', who: 'posts:read' },
    { method: 'DELETE', path: '/posts/:id', who: 'posts:read and posts:update' },
    { method: 'PATCH', path: '/posts/:id', who: 'posts:read and (posts:update or posts:update:own)' },
  ])
})

test('expectDeclaredAccess names every route, socket and mount that says nothing, in a lenient app too', async () => {
  const app = base()
    .get('/said', () => 'x', { public: true })
    .get('/forgotten', () => 'x')
    .ws('/live', { message() {} })
    .mount('/theirs', () => new Response('x'))
    .use(open(new Elysia().get('/opened', () => 'x')))
    .use(
      guarded(
        { auth: true },
        new Elysia().get('/guarded', () => 'x'),
      ),
    )
    .use(Promise.resolve(new Elysia().get('/late', () => 'x')))
  const message = await fails(() => expectDeclaredAccess(app))
  for (const route of ['GET /forgotten', 'WS /live', 'ALL /theirs', 'GET /late'])
    expect(message).toContain(`  ${route}`)
  for (const route of ['/said', '/opened', '/guarded']) expect(message).not.toContain(route)
})

test('expectDeclaredAccess passes where every route says who may call it', async () => {
  const app = base()
    .get('/a', () => 'x', { auth: true })
    .ws('/live', { message() {}, permission: 'posts:read' })
  expect(await fails(() => expectDeclaredAccess(app))).toBe('')
})

test('of a strict app both fail with what boot says', async () => {
  const app = base(true).get('/forgotten', () => 'x')
  for (const run of [accessOf, expectDeclaredAccess]) expect(await fails(() => run(app))).toContain('GET /forgotten')
})
