import { describe, expect, test } from '#test'
import { refusalOf } from './shop.ts'

const open = { public: true } as const

describe('an app does not start', () => {
  test('with a cached route for signed-in callers that does not vary by them', async () => {
    const message = await refusalOf((app) => app.get('/mine', () => 'x', { auth: true, cache: true }))
    expect(message).toContain('GET /mine')
    expect(message).toMatch(/\.ts:\d+\)/)
    for (const word of ['varyOnUser', 'varyOnPermissions', 'shared']) expect(message).toContain(word)
  })

  test('with one whose permission stands in a guard', async () => {
    const message = await refusalOf((app) =>
      app.guard({ permission: 'posts:read' } as never, (inner) =>
        inner.get('/mine', () => 'x', { cache: {} } as never),
      ),
    )
    expect(message).toContain('signed-in callers')
  })

  test('but does with each word that says whose answers are whose', async () => {
    for (const cache of [{ varyOnUser: true }, { varyOnPermissions: true }, { shared: true }])
      expect(await refusalOf((app) => app.get('/mine', () => 'x', { auth: true, cache }))).toBe('')
    const byDefault = (app: Parameters<Parameters<typeof refusalOf>[0]>[0]) =>
      app.get('/mine', () => 'x', { auth: true, cache: true })
    expect(await refusalOf(byDefault, { varyOnUser: true })).toBe('')
    expect(
      await refusalOf((app) => app.get('/mine', () => 'x', { auth: true, cache: { varyOnUser: false } }), {
        varyOnUser: true,
      }),
    ).toContain('signed-in callers')
  })

  test('and `cache: false` takes a guard’s word back', async () => {
    const message = await refusalOf((app) =>
      app.guard({ cache: {} } as never, (inner) =>
        inner.get('/mine', () => 'x', { auth: true, cache: false } as never),
      ),
    )
    expect(message).toBe('')
  })

  const wrong: Readonly<Record<string, [method: 'get' | 'post', cache: object, says: string]>> = {
    'a route that is not GET': ['post', {}, 'only answers to GET'],
    'Redis without one': ['get', { backend: 'redis' }, 'needs a Redis'],
    'a ttl that keeps nothing': ['get', { ttl: 0 }, 'keeps nothing'],
    'a duration that is none': ['get', { ttl: '5 minutes' }, 'no duration'],
    'shared and varied at once': ['get', { shared: true, varyOnUser: true }, 'make no difference'],
    'credentials in vary': ['get', { vary: ['Authorization'] }, 'varyOnUser'],
    'languages in vary': ['get', { vary: ['accept-language'] }, 'languages'],
    'a star in vary': ['get', { vary: ['*'] }, 'names no header'],
    'cookies to be kept': ['get', { headers: ['Set-Cookie'] }, 'of one answer alone'],
    'grace for what depends on the caller': ['get', { varyOnUser: true, grace: '1m' }, 'no `grace`'],
    'a parameter in a tag that the path has not': ['get', { tags: 'posts:{ib}' }, '{ib}'],
    'a tag that is no text': ['get', { tags: [1] }, 'tags are texts'],
  }
  for (const [what, [method, cache, says]] of Object.entries(wrong))
    test(`with ${what}`, async () => {
      const message = await refusalOf((app) => app[method]('/posts/:id', () => 'x', { ...open, cache } as never))
      expect(message).toContain(says)
      expect(message).toContain('/posts/:id')
    })

  test('with a handler that is a generator', async () => {
    const message = await refusalOf((app) =>
      app.get(
        '/events',
        function* () {
          yield 'a'
        },
        { ...open, cache: {} } as never,
      ),
    )
    expect(message).toContain('a stream')
  })

  test('without a ttl anywhere', async () => {
    const build = (app: Parameters<Parameters<typeof refusalOf>[0]>[0]) =>
      app.get('/posts', () => 'x', { ...open, cache: true } as never)
    expect(await refusalOf(build, { ttl: undefined as never })).toContain('Say `ttl`')
  })

  const onBun = test.skipIf(!('Bun' in globalThis))
  onBun('with tags of a web socket', async () => {
    expect(await refusalOf((app) => app.ws('/ws', { ...open, invalidates: 'posts' } as never))).toContain('web socket')
  })
})
