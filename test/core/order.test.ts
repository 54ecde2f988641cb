import { expect, test } from 'bun:test'
import { Elysia, t } from 'elysia'
import fc from 'fast-check'
import { core } from '#core/access'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { authenticate, request } from '../fixtures/platform.ts'
import { cache } from '../fixtures/plugins/cache.ts'
import { identity } from '../fixtures/plugins/identity.ts'
import { logging } from '../fixtures/plugins/logging.ts'
import { rateLimit } from '../fixtures/plugins/rate-limit.ts'
import { versioning } from '../fixtures/plugins/versioning.ts'

/** A plugin with a step in each phase that sees what the other plugins did before it. */
const makeProbe = (name: string, log: string[]) =>
  definePlugin<KwikPlugin<{}>, {}>({
    name,
    options: {},
    keys: [],
    setup: () => ({
      always: () => ({
        identify: () => void log.push('step.identify'),
        throttle: (scope) => void log.push(`step.throttle ${scope.principal?.id}`),
        authorize: () => void log.push('step.authorize'),
        load: () => {
          log.push('step.load')
          return {}
        },
        replay: () => {
          log.push('step.replay')
          return undefined
        },
      }),
    }),
  })
const later = async (r: Request) => {
  await Bun.sleep(0)
  return authenticate(r)
}
const options = {
  permission: 'posts:read',
  cache: { ttl: 60, shared: true },
  rateLimit: { limit: 1000, seconds: 60 },
  version: { v1: { up: (b: { name: string }) => ({ title: b.name }), down: (v: object) => ({ ...v, old: true }) } },
}
const keys = Object.keys(options) as (keyof typeof options)[]
const hookKinds = [
  'onTransform',
  'derive',
  'resolve',
  'onBeforeHandle',
  'onAfterHandle',
  'mapResponse',
  'onParse',
] as const
const arrangement = fc.record({
  uses: fc.shuffledSubarray(['logging', 'core', 'identity', 'rateLimit', 'cache', 'versioning', 'probe'] as const, {
    minLength: 7,
  }),
  waits: fc.boolean(),
  keyOrder: fc.shuffledSubarray(keys, { minLength: keys.length }),
  layers: fc.array(fc.constantFrom('route', 'guard', 'guardOpen', 'outer'), {
    minLength: keys.length,
    maxLength: keys.length,
  }),
  nest: fc.constantFrom('flat', 'group', 'module', 'bare module', 'module in module'),
  before: fc.subarray([...hookKinds]),
  after: fc.subarray([...hookKinds]),
  local: fc.subarray(['transform', 'beforeHandle', 'afterHandle'] as const),
  probe: fc.constantFrom('aa', 'mm', 'zz'),
  schemaIn: fc.boolean(),
  socket: fc.boolean(),
})

// eslint-disable-next-line
type Loose = any

test('whatever the order', async () => {
  await fc.assert(
    fc.asyncProperty(
      arrangement,
      async ({ uses, waits, keyOrder, layers, nest, before, after, local, probe, schemaIn, socket }) => {
        const log: string[] = []
        const made = {
          logging: logging({ write() {} }),
          core: core(),
          identity: identity({ authenticate: waits ? later : authenticate }),
          rateLimit: rateLimit({}),
          cache: cache({}),
          versioning: versioning({ vendor: 'kwik', known: ['v1', 'v2'] }),
          probe: makeProbe(probe, log),
        }
        const use = (app: Loose) => uses.reduce((one, name) => one.use(made[name]), app)
        const hooks = (app: Loose, kinds: readonly (typeof hookKinds)[number][], tag: string) =>
          kinds.reduce(
            (one, kind) =>
              one[kind](() => {
                log.push(`${tag}.${kind}`)
              }),
            app,
          )
        const at = (layer: string) =>
          Object.fromEntries(keyOrder.filter((_, i) => layers[i] === layer).map((key) => [key, options[key]]))
        const routes = (app: Loose) => {
          const mine = {
            ...at('route'),
            ...Object.fromEntries(
              local.map((kind) => [
                kind,
                () => {
                  log.push(`local.${kind}`)
                },
              ]),
            ),
          }
          const inner = (one: Loose) =>
            hooks(Object.keys(at('guardOpen')).length ? one.guard(at('guardOpen')) : one, after, 'after')
              .get(
                '/p',
                () => {
                  log.push('handler')
                  return { n: 1 }
                },
                mine,
              )
              .post(
                '/p',
                ({ body }: Loose) => {
                  log.push('handler')
                  return body
                },
                schemaIn
                  ? { body: t.Object({ title: t.String() }), ...mine }
                  : { ...mine, body: t.Object({ title: t.String() }) },
              )
          const guarded = (one: Loose) => (Object.keys(at('guard')).length ? one.guard(at('guard'), inner) : inner(one))
          return Object.keys(at('outer')).length ? app.guard(at('outer'), guarded) : guarded(app)
        }
        let app: Loose = hooks(new Elysia(), before, 'before')
        if (nest === 'flat') app = routes(use(app))
        if (nest === 'group') app = use(app).group('', routes)
        if (nest === 'module') app = use(app).use(routes(use(new Elysia())))
        if (nest === 'bare module') app = use(app).use(new Elysia().use(routes(use(new Elysia()))))
        if (nest === 'module in module') app = app.use(use(new Elysia()).use(routes(use(new Elysia()))))
        if (socket) app.listen({ port: 0, hostname: '127.0.0.1' })
        const ask = (r: Request): Promise<Response> =>
          socket ? fetch(r.url.replace('http://localhost', `http://127.0.0.1:${app.server.port}`), r) : app.handle(r)
        try {
          const anonymous = request('POST', '/p', undefined, '{')
          expect((await ask(anonymous)).status).toBe(401)
          if (!socket) expect(anonymous.bodyUsed).toBe(false)
          expect((await ask(request('POST', '/p', undefined, '{"a":1}'))).status).toBe(401)
          expect((await ask(request('POST', '/p', 'bob', '{"a":1}'))).status).toBe(403)
          expect(log.filter((line) => !line.startsWith('step.'))).toEqual([])
          expect((await ask(request('POST', '/p', 'admin', '{'))).status).toBe(400)
          expect((await ask(request('POST', '/p', 'admin', '{"a":1}'))).status).toBe(422)
          expect(log).not.toContain('handler')
          log.length = 0
          const lifted = await ask(
            request('POST', '/p', 'admin', '{"name":"x"}', { accept: 'application/vnd.kwik.v1+json' }),
          )
          expect([lifted.status, await lifted.json()]).toEqual([200, { title: 'x', old: true }])
          log.length = 0
          const first = await ask(request('GET', '/p', 'admin'))
          expect([first.status, await first.text(), first.headers.get('x-cache')]).toEqual([200, '{"n":1}', null])
          expect(log.filter((line) => line.startsWith('step.'))).toEqual([
            'step.identify',
            'step.throttle admin',
            'step.authorize',
            'step.load',
            'step.replay',
          ])
          expect(log[log.indexOf('handler') - 1]).toBe('step.replay')
          const until = log.slice(0, log.indexOf('handler'))
          log.length = 0
          const again = await ask(request('GET', '/p', 'admin'))
          expect([again.status, await again.text(), again.headers.get('x-cache')]).toEqual([200, '{"n":1}', 'hit'])
          expect(log).not.toContain('handler')
          expect(log.filter((line) => line !== 'step.replay').slice(0, until.length - 1)).toEqual(
            until.filter((line) => line !== 'step.replay'),
          )
          log.length = 0
          expect((await ask(request('GET', '/p', 'bob'))).status).toBe(403)
          expect((await ask(request('GET', '/p'))).status).toBe(401)
          expect(log.filter((line) => !line.startsWith('step.'))).toEqual([])
          const old = await ask(request('GET', '/p', 'admin', undefined, { accept: 'application/vnd.kwik.v1+json' }))
          expect([await old.json(), old.headers.get('x-cache')]).toEqual([{ n: 1, old: true }, null])
          expect((await ask(request('PUT', '/p'))).status).toBe(405)
          const none = await ask(request('GET', '/none'))
          expect([none.status, none.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
        } finally {
          if (socket) await app.stop(true)
        }
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 300), seed: Number(process.env['SEED'] ?? 7) },
  )
}, 120_000)
