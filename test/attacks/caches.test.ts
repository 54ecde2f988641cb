import { Elysia, t } from 'elysia'
import { describe, expect, test } from '#test'
import { permissions } from '../../plugins/permissions/index.ts'
import { ask, callers, platform } from './app.ts'

// Each test is a row of docs/explanation/threat-model.md.

const make = () => {
  let made = 0
  return new Elysia()
    .use(platform({ cache: { ttl: 300 } }))
    .use(callers())
    .use(permissions({ declared: ['pages:read'] }))
    .get('/page', ({ request, query }) => ({ made: ++made, host: request.headers.get('x-forwarded-host'), query }), {
      public: true,
      cache: true,
      query: t.Object({ page: t.Optional(t.String()), of: t.Optional(t.String()) }),
    } as object)
    .get('/mine', ({ request }) => ({ made: ++made, of: request.headers.get('authorization') }), {
      auth: true,
      cache: { varyOnUser: true },
    } as object)
    .get('/readers', () => ({ made: ++made }), {
      permission: 'pages:read',
      cache: { varyOnPermissions: true },
    } as object)
    .get('/all', () => ({ made: ++made }), { permission: 'pages:read', cache: { shared: true } } as object)
    .get(
      '/cookie',
      ({ set }) => {
        set.headers['set-cookie'] = `session=${++made}`
        return 'in'
      },
      { public: true, cache: true } as object,
    )
}

const said = async (answer: Promise<Response>): Promise<Record<string, unknown>> => (await answer).json()
const as = (who: string) => ({ authorization: who })

describe('answers that are kept', () => {
  test('are for nobody who would not be let in', async () => {
    const app = make()
    for (const path of ['/all', '/readers']) {
      expect((await ask(app, path, as('ann pages:read'))).status).toBe(200)
      expect((await ask(app, path, as('ann pages:read'))).status).toBe(200)
      expect([(await ask(app, path, as('bob'))).status, (await ask(app, path)).status]).toEqual([403, 401])
    }
  })

  test('are not another’s, whatever they hold and whoever asked first', async () => {
    const app = make()
    expect(await said(ask(app, '/mine', as('ann pages:read')))).toEqual({ made: 1, of: 'ann pages:read' })
    expect(await said(ask(app, '/mine', as('bob pages:read')))).toEqual({ made: 2, of: 'bob pages:read' })
    expect(await said(ask(app, '/mine', as('ann')))).toEqual({ made: 3, of: 'ann' })
    expect(await said(ask(app, '/mine', as('ann pages:read')))).toEqual({ made: 1, of: 'ann pages:read' })
  })

  test('are not poisoned by headers and parameters that the route does not know', async () => {
    const app = make()
    const first = await said(ask(app, '/page?page=1', { 'x-forwarded-host': 'evil.com' }))
    // What a handler reads beside what it declares is its own fault; nobody chooses which copy others get.
    const strange: Record<string, string>[] = [
      { 'x-forwarded-host': 'other.com' },
      { 'accept-language': '*;q=banana' },
      { 'x-middleware-prefetch': '1' },
      { 'x-original-url': '/admin' },
    ]
    for (const headers of strange) expect(await said(ask(app, '/page?page=1', headers))).toEqual(first)
    expect((await said(ask(app, '/page?page=2')))['made']).toBe(2)
    expect((await said(ask(app, '/page?page=1&page=2')))['made']).not.toBe(1)
    // One parameter is never read as two.
    expect((await said(ask(app, '/page?page=a%26of%3Db')))['made']).not.toBe(
      (await said(ask(app, '/page?page=a&of=b')))['made'],
    )
  })

  test('never hand a cookie on', async () => {
    const app = make()
    expect((await ask(app, '/cookie')).headers.get('set-cookie')).toBe('session=1')
    expect((await ask(app, '/cookie')).headers.get('set-cookie')).toBe('session=2')
  })
})
