import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import type { Account } from '#core/ports/principals'
import { describe, expect, test } from '#test'
import { definePermissions, own, permissions } from '../../../plugins/permissions/index.ts'
import { type TenantsOptions, tenants } from '../../../plugins/tenants/index.ts'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { callers } from '../permissions/app.ts'

const declared = definePermissions({ posts: ['read', 'update', 'update:own'], users: ['manage'] })
const appOf = (options: TenantsOptions, trustedProxies?: readonly string[]) =>
  new Elysia()
    .use(core({ signals: false, ...(trustedProxies && { trustedProxies }) }))
    .use(callers)
    .use(tenants(options))
    .use(permissions({ declared, everywhere: ['users:manage'] }))
    .get('/open', ({ request }) => request.headers.get('x-tenant') ?? 'none', { public: true })
    .get('/where', ({ tenant }) => tenant, { auth: true, tenant: true })
    .get('/in', ({ user }) => user.id, { auth: true })
    .get('/free', ({ user }) => user.id, { auth: true, tenant: false })
    .get('/posts', () => 'posts', { permission: 'posts:read' })
    .post('/posts', ({ body }) => body.title, {
      permission: own('posts:update', ({ tenant }) => (tenant === 'acme' ? 'ann' : 'bob')),
      body: t.Object({ title: t.String() }),
    })
    .get('/people', () => 'people', { permission: 'users:manage' })
    .get('/public', ({ tenant }) => tenant, { public: true, tenant: true })

const get = async (app: AnyElysia, path: string, headers: Record<string, string> = {}, base = 'http://localhost') => {
  const answer = await app.handle(new Request(`${base}${path}`, { headers }))
  const text = await answer.text()
  const isProblem = answer.headers.get('content-type')?.includes('problem')
  return { status: answer.status, text, code: isProblem ? JSON.parse(text).code : undefined, headers: answer.headers }
}
const byHeader = appOf({ by: 'header' })
/** Has a role in acme, and one without permissions in empty. */
const ann = { 'x-holds': '', 'x-tenants': 'acme=posts:read, posts:update:own; empty=' }

describe('a tenant that a header names', () => {
  test('is where a role counts, and nowhere else', async () => {
    expect((await get(byHeader, '/posts', { ...ann, 'x-tenant': 'acme' })).status).toBe(200)
    for (const other of ['other', 'empty', 'ACME', 'acme.'])
      expect([other, (await get(byHeader, '/posts', { ...ann, 'x-tenant': other })).status]).toEqual([other, 403])
    expect((await get(byHeader, '/posts', ann)).status).toBe(403)
    expect((await get(byHeader, '/posts', { 'x-tenant': 'acme' })).status).toBe(401)
  })

  test('of somebody with nothing to do there is refused on every route that needs a caller', async () => {
    for (const path of ['/in', '/where', '/free', '/posts']) {
      const refused = await get(byHeader, path, { ...ann, 'x-tenant': 'other' })
      expect([path, refused.status, refused.code]).toEqual([path, 403, 'KWIK_TENANT_FOREIGN'])
    }
    expect((await get(byHeader, '/in', { ...ann, 'x-tenant': 'empty' })).status).toBe(200)
    // Whether there is such a tenant, nobody learns.
    const [some, none] = await Promise.all(
      ['other', 'no-such'].map((name) => get(byHeader, '/in', { ...ann, 'x-tenant': name })),
    )
    expect(some!.text).toBe(none!.text)
    expect((await get(byHeader, '/open', { ...ann, 'x-tenant': 'other' })).status).toBe(200)
  })

  test('is refused before the body is read, and own() sees it', async () => {
    const send = async (tenant: string, body: string) => {
      const headers = { ...ann, 'x-tenant': tenant, 'content-type': 'application/json' }
      return (await byHeader.handle(new Request('http://localhost/posts', { method: 'POST', headers, body }))).status
    }
    expect([await send('other', '{'), await send('acme', '{'), await send('acme', '{"title":"x"}')]).toEqual([
      403, 400, 200,
    ])
  })

  test('is any for who holds something everywhere, without what others hold there', async () => {
    const chief = { 'x-holds': 'posts:read', 'x-tenants': 'acme=posts:update' }
    for (const tenant of ['acme', 'other'])
      expect((await get(byHeader, '/posts', { ...chief, 'x-tenant': tenant })).status).toBe(200)
    expect((await get(byHeader, '/posts', chief)).status).toBe(200)
  })

  test('gives no permission that counts everywhere only, not by a pattern either', async () => {
    for (const grants of ['users:manage', 'users:*', '*']) {
      const there = { 'x-holds': '', 'x-tenants': `acme=${grants}`, 'x-tenant': 'acme' }
      expect([grants, (await get(byHeader, '/people', there)).status]).toEqual([grants, 403])
      const all = { 'x-holds': grants, 'x-tenants': 'acme=', 'x-tenant': 'acme' }
      expect([grants, (await get(byHeader, '/people', all)).status]).toEqual([grants, 200])
      expect((await get(byHeader, '/people', { 'x-holds': grants })).status).toBe(200)
    }
  })

  test('is 400 where it cannot be one', async () => {
    for (const bad of ['a b', 'a,b', 'x'.repeat(101)]) {
      const answer = await get(byHeader, '/posts', { ...ann, 'x-tenant': bad })
      expect([bad, answer.status, answer.code]).toEqual([bad, 400, 'KWIK_TENANT_INVALID'])
    }
    const twice = new Headers({ ...ann })
    twice.append('x-tenant', 'acme')
    twice.append('x-tenant', 'other')
    expect((await byHeader.handle(new Request('http://localhost/posts', { headers: twice }))).status).toBe(400)
  })

  test('is told to caches', async () => {
    expect((await get(byHeader, '/open')).headers.get('vary')).toBe('x-tenant')
  })
})

describe('a route that needs a tenant', () => {
  test('hands it to its handler, and is 400 without one', async () => {
    expect((await get(byHeader, '/where', { ...ann, 'x-tenant': 'acme' })).text).toBe('acme')
    const none = await get(byHeader, '/where', ann)
    expect([none.status, none.code]).toEqual([400, 'KWIK_TENANT_MISSING'])
    expect(none.text).toContain('Name it in the header x-tenant.')
    expect((await get(byHeader, '/where')).status).toBe(401)
    expect((await get(byHeader, '/public', { 'x-tenant': 'acme' })).text).toBe('acme')
    expect((await get(byHeader, '/public')).status).toBe(400)
  })

  test('`required` asks for one on all routes that need a caller, but for those that say false', async () => {
    const app = appOf({ by: 'header', required: true })
    for (const [path, status] of [
      ['/posts', 400],
      ['/in', 400],
      ['/free', 200],
      ['/open', 200],
    ] as const)
      expect([path, (await get(app, path, ann)).status]).toEqual([path, status])
    expect((await get(app, '/posts')).status).toBe(401)
    expect((await get(app, '/posts', { ...ann, 'x-tenant': 'acme' })).status).toBe(200)
  })
})

describe('a tenant that is named by', () => {
  const statusOf = async (app: AnyElysia, base: string, headers: Record<string, string> = ann) =>
    (await get(app, '/posts', headers, base)).status

  test('the host', async () => {
    const app = appOf({ by: 'host', pattern: '*.example.com', except: ['www'] })
    for (const base of ['http://acme.example.com', 'https://ACME.example.com:8443', 'http://acme.example.com.'])
      expect([base, await statusOf(app, base)]).toEqual([base, 200])
    for (const base of ['http://other.example.com', 'http://acme.example.com.evil.org', 'http://acme.evilexample.com'])
      expect([base, await statusOf(app, base)]).toEqual([base, 403])
    for (const base of ['http://www.example.com', 'http://example.com', 'http://x.acme.example.com']) {
      expect((await get(app, '/where', ann, base)).code).toBe('KWIK_TENANT_MISSING')
    }
    // A header that no proxy of ours wrote is nobody's word.
    const forged = { ...ann, 'x-forwarded-host': 'acme.example.com', 'x-forwarded-proto': 'https' }
    expect(await statusOf(app, 'http://other.example.com', forged)).toBe(403)
  })

  test('the session', async () => {
    const app = appOf({ by: 'claim', required: true })
    expect(await statusOf(app, 'http://localhost', { ...ann, 'x-bound': 'acme' })).toBe(200)
    expect(await statusOf(app, 'http://localhost', { ...ann, 'x-bound': 'other' })).toBe(403)
    expect(await statusOf(app, 'http://localhost', ann)).toBe(400)
    expect((await get(app, '/where', { ...ann, 'x-bound': 'acme', 'x-tenant': 'other' })).text).toBe('acme')
  })

  test('a function, which sees who calls', async () => {
    const app = appOf({ by: ({ principal }) => (principal ? `of-${principal.id}` : undefined) })
    const member = { 'x-holds': '', 'x-tenants': 'of-ann=posts:read' }
    expect(await statusOf(app, 'http://localhost', member)).toBe(200)
    expect(await statusOf(app, 'http://localhost', { ...member, 'x-as': 'bob' })).toBe(403)
    // An app whose accounts know nothing of tenants answers for its function itself.
    expect((await get(app, '/where', { 'x-holds': '' })).text).toBe('of-ann')
    expect((await get(byHeader, '/where', { 'x-holds': '', 'x-tenant': 'acme' })).status).toBe(403)
  })
})

describe('a session that is bound to one tenant', () => {
  test('counts in no other, whatever its owner holds', async () => {
    const bound = { 'x-holds': '*', 'x-tenants': 'acme=posts:read; other=posts:read', 'x-bound': 'acme' }
    expect((await get(byHeader, '/posts', { ...bound, 'x-tenant': 'acme' })).status).toBe(200)
    const other = await get(byHeader, '/posts', { ...bound, 'x-tenant': 'other' })
    expect([other.status, other.code]).toEqual([403, 'KWIK_TENANT_FOREIGN'])
  })
})

test('a token that was issued for one tenant is good in no other, also without sessions', async () => {
  const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
  const holds = new Map(['acme', 'other'].map((name) => [name, new Set(['posts:read'])]))
  const account: Account = { user: { id: 'ann' }, tokenVersion: 1, permissions: new Set(), tenants: holds }
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ secret, principals: { load: async () => account } }))
    .use(tenants({ by: 'header' }))
    .use(permissions({ declared }))
    .get('/posts', () => 'posts', { permission: 'posts:read' })
  const { token } = await tokenService({ secret }).issue({ id: 'ann', tokenVersion: 1, tenant: 'acme' })
  const sent = { authorization: `Bearer ${token}` }
  expect((await get(app, '/posts', { ...sent, 'x-tenant': 'acme' })).status).toBe(200)
  const other = await get(app, '/posts', { ...sent, 'x-tenant': 'other' })
  expect([other.status, other.code]).toEqual([403, 'KWIK_TENANT_FOREIGN'])
})

test('options that cannot be right are told', () => {
  const wrong = (options: object) => () => tenants(options as never)
  expect(wrong({ by: 'hedaer' })).toThrow("by is 'header', 'host', 'claim' or a function")
  expect(wrong({ by: 'header', name: 'x tenant' })).toThrow('is no name of a header')
  for (const pattern of [undefined, 'example.com', '*', 'x*.example.com', '*.*.com', '*.exa mple'])
    expect(wrong({ by: 'host', pattern })).toThrow("write '*.example.com'")
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(tenants({ by: 'header' }))
    .get('/x', () => 'x', { public: true, tenant: 'acme' as never })
  expect(() => boot(app)).toThrow('`tenant` takes true or false')
})
