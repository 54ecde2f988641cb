import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { describe, expect, test } from '#test'
import { definePermissions, own, permissions } from '../../../plugins/permissions/index.ts'
import { ask, callers } from './app.ts'

// Cases of the security specification, by their names there, that are about who may call a route.

const declared = definePermissions({ posts: ['read', 'update', 'update:own'] })
const quiet = { debug() {}, info() {}, warning() {}, error() {} }
const platform = () =>
  new Elysia()
    .use(core({ signals: false, logger: quiet }))
    .use(callers)
    .use(permissions({ declared }))
const faultOf = (app: AnyElysia): string => {
  try {
    boot(app)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('misspelt macro key / missing plugin / undeclared route / ws / mount -> start refused', () => {
  const apps: Readonly<Record<string, readonly [make: () => AnyElysia, told: string]>> = {
    'a misspelt key': [
      () => platform().get('/x', () => 'x', { auth: true, permision: 'posts:read' } as object),
      'no plugin knows the option "permision", did you mean "permission"?',
    ],
    'an option whose plugin is missing': [
      () => new Elysia().use(core({ logger: quiet })).get('/x', () => 'x', { permission: 'posts:read' } as object),
      'no plugin knows the option "permission"',
    ],
    'a route that says nothing': [() => platform().get('/x', () => 'x'), 'GET /x'],
    // Elysia has web sockets on Bun alone.
    ...('Bun' in globalThis && {
      'a WebSocket that says nothing': [() => platform().ws('/x', { message() {} }), 'WS /x'] as const,
    }),
    'a mount that says nothing': [() => platform().mount('/x', () => new Response()), '/x'],
    'a misspelt name in own()': [
      () => platform().get('/x', () => 'x', { permission: own('posts:updat' as 'posts:update', () => 'ann') }),
      'permission "posts:updat" is used but not declared, did you mean "posts:update"?',
    ],
  }
  for (const [name, [make, told]] of Object.entries(apps))
    test(name, async () => {
      expect(faultOf(make())).toContain(told)
      // What was not booted answers nothing.
      expect((await make().handle(ask('/x', '*'))).status).toBe(500)
    })
})

describe('the body of somebody who may not', () => {
  const seen: string[] = []
  let pulled = 0
  const body = () =>
    new ReadableStream({
      pull(controller) {
        pulled++
        controller.enqueue(new TextEncoder().encode('{'))
        controller.close()
      },
    })
  const app = platform().post('/posts', ({ body }) => void seen.push(body.title), {
    body: t.Object({ title: t.String() }),
    permission: own('posts:update', () => void seen.push('loaded') as unknown as string),
  })
  const send = (holds?: string) =>
    app.handle(
      ask('/posts', holds, {
        method: 'POST',
        body: body(),
        headers: { 'content-type': 'application/json', 'content-length': '1' },
        duplex: 'half',
      } as RequestInit),
    )

  test('anonymous + invalid body -> 401, body not parsed', async () => {
    const before = pulled
    expect((await send()).status).toBe(401)
    // A stream may be asked for its first piece when it is made, and is not read further.
    expect(pulled - before).toBeLessThanOrEqual(1)
    expect(seen).toEqual([])
  })
  test('valid body, no permission -> 403 before handler and loader', async () => {
    const init = { method: 'POST', body: '{"title":"x"}', headers: { 'content-type': 'application/json' } }
    expect((await app.handle(ask('/posts', 'posts:read', init))).status).toBe(403)
    expect(seen).toEqual([])
  })
  test('a body that is read is read when the caller may: 400 for one that is broken', async () => {
    expect((await send('posts:update')).status).toBe(400)
    expect(seen).toEqual([])
  })
})
