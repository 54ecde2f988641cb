import { Elysia, status } from 'elysia'
import { enterAgain, mayEnterAgain, routesOf, showing } from '#core/elysia/door'
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
