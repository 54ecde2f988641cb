import { Elysia, status, t } from 'elysia'
import { documented, enterAgain, follow, mayEnterAgain, plainTypes, routesOf, showing } from '#core/elysia/door'
import { describe, expect, test } from '#test'

/** Beside elysia-door.test.ts: what Elysia makes of a route. */
const get = (path: string): Request => new Request(`http://localhost${path}`)
const nothing = (): void => {}

describe('composed', () => {
  for (const path of ['/a', '/b/1'])
    test(`runs a route anew with a copy of a context that was there before: ${path}`, async () => {
      const seen: unknown[] = []
      let kept: object | undefined
      const handler = (context: object): string => {
        seen.push(context)
        return 'x'
      }
      const app = new Elysia().get('/a', handler).get('/b/:id', handler)
      const route = routesOf(app)[path === '/a' ? 0 : 1]!
      const first = showing(
        ({ request }: { request: Request }) => request,
        (context: object) => {
          const again = kept !== undefined
          kept = context
          return again ? undefined : status(200, new Response('left'))
        },
      )
      route.hooks.transform = [{ fn: first, subType: 'derive', isAsync: false }]
      expect(await (await app.handle(get(path))).text()).toBe('left')
      expect(seen).toEqual([])
      expect(await (await enterAgain(route, { ...kept })).text()).toBe('x')
      expect(seen).toHaveLength(1)
      expect((seen[0] as { path: string }).path).toBe(path)
    })

  test('hooks that are told of every answer are among a route’s own', () => {
    const app = new Elysia().get('/a', () => 'a').onAfterResponse(nothing)
    expect(mayEnterAgain(routesOf(app)[0]!)).toBe(true)
    for (const told of [
      new Elysia().onAfterResponse(nothing).get('/a', () => 'a'),
      new Elysia().trace(nothing).get('/a', () => 'a'),
      new Elysia().use(new Elysia().trace({ as: 'global' }, nothing)).get('/a', () => 'a'),
      new Elysia().get('/a', () => 'a', { afterResponse: nothing }),
    ])
      expect(mayEnterAgain(routesOf(told)[0]!)).toBe(false)
  })
})

describe('a function that shows the source of another', () => {
  test('is given what the other needs of the context, and no more', async () => {
    const seen: object[] = []
    const shown = showing(
      ({ request }: { request: Request }) => request,
      (context: object) => void seen.push({ ...context }),
    )
    await new Elysia()
      .onTransform(shown as never)
      .get('/a', () => 'a')
      .handle(get('/a?x=1'))
    expect(seen).toHaveLength(1)
    expect(seen[0]).not.toHaveProperty('query')
  })
})

describe('a query schema that documents', () => {
  const schema = documented(t.Object({ n: t.Number(), size: t.Number({ default: 20 }) }))
  const handler = (context: object): boolean => 'query' in context
  const shown = showing(() => {}, handler)
  const followed = (app: Elysia = new Elysia()) => follow(app, nothing) as unknown as Elysia

  test('stays with the route, and Elysia neither parses nor checks a query for it', async () => {
    const app = followed().get('/a', shown, { query: schema })
    expect(routesOf(app)[0]!.hooks['query']).toBe(schema)
    const answer = await app.handle(get('/a?n=x'))
    expect([answer.status, await answer.json()]).toEqual([200, false])
  })

  test('goes with the route to the app that uses it, and to a route that is written anew', async () => {
    const inner = followed().get('/a', shown, { query: schema, tags: ['t'] })
    const app = followed()
      .get('/in/a', () => 'old')
      .group('/in', (group) => group.use(inner))
    expect(routesOf(app).map(({ path, hooks }) => [path, hooks['query']])).toEqual([['/in/a', schema]])
    expect((await app.handle(get('/in/a?n=x'))).status).toBe(200)
  })

  test('leaves the word of a guard alone', async () => {
    const app = followed().guard({ query: t.Object({ m: t.Number() }) }, (guarded) =>
      guarded.get('/a', shown, { query: schema as never }),
    )
    expect((await app.handle(get('/a?n=1'))).status).toBe(422)
  })

  test('hands what was sent to a handler that reads it', async () => {
    const app = followed().get('/a', ({ query }) => query, { query: schema })
    expect(await (await app.handle(get('/a?n=x'))).json()).toEqual({ n: 'x' } as never)
  })
})

test('the adapter says the content types of plain answers', async () => {
  const app = new Elysia()
    .get('/text', () => 'text')
    .get('/json', ({ set }) => {
      set.headers['x-own'] = 'yes'
      return {}
    })
  const typeOf = async (path: string) => (await app.handle(get(path))).headers.get('content-type')
  expect(plainTypes).toEqual({ text: await typeOf('/text'), json: await typeOf('/json') } as never)
})
