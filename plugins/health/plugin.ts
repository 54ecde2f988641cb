import { type AnyElysia, t } from 'elysia'
import { drainingOf } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { scopeOf } from '#core/scope'
import { type HealthOptions, type ResolvedHealthOptions, resolveHealthOptions } from './options.ts'
import { readinessOf } from './readiness.ts'

export type HealthPlugin = KwikPlugin<{}>

/**
 * Adds `GET /health/live` (the process answers) and `GET /health/ready` (what it needs is well, and it is not on its way out):
 * 200, or 503. Both are open to anybody and name no reasons, but to who holds the permission `details`. From `kwik/health`.
 *
 * @throws {TypeError} for a timeout that is no duration
 * @example
 * app.use(health({ checks: { database: () => database.ping() } }))
 */
export function health(options: HealthOptions = {}): HealthPlugin {
  const resolved = resolveHealthOptions(options)
  return definePlugin<HealthPlugin, HealthOptions>({
    name: 'health',
    options,
    keys: [],
    setup: (_, { knows }) => ({ routes: (root) => addRoutes(root, resolved, knows('public')) }),
  })
}

const word = t.Union([t.Literal('ok'), t.Literal('failed')])
const report = t.Object({
  status: t.Union([t.Literal('ok'), t.Literal('failed'), t.Literal('draining')]),
  checks: t.Record(t.String(), word),
  details: t.Optional(
    t.Record(t.String(), t.Object({ status: word, duration: t.Number(), reason: t.Optional(t.String()) })),
  ),
  pending: t.Optional(t.Array(t.String(), { description: 'Settings that were changed and wait for a restart' })),
})

function addRoutes(root: AnyElysia, options: ResolvedHealthOptions, guarded: boolean): void {
  const ready = readinessOf(options)
  const open = guarded ? { public: true } : {}
  root.get(
    '/health/live',
    ({ set }) => {
      set.headers['cache-control'] = 'no-store'
      return { status: 'ok' } as const
    },
    {
      ...open,
      response: { 200: t.Object({ status: t.Literal('ok') }) },
      detail: { tags: ['health'], summary: 'Whether the process answers' },
    } as never,
  )
  root.get(
    '/health/ready',
    async ({ request, set }) => {
      const { app, principal } = scopeOf(request)
      const { report, details } = await ready(app!.logger, drainingOf(app!.root))
      set.headers['cache-control'] = 'no-store'
      if (report.status !== 'ok') set.status = 503
      const mayKnow = principal !== null && options.mayKnow?.(principal.permissions)
      if (!mayKnow) return report
      return { ...report, details, ...(options.pending && { pending: [...options.pending()] }) }
    },
    {
      ...open,
      response: { 200: report, 503: report },
      detail: { tags: ['health'], summary: 'Whether the app can take requests' },
    } as never,
  )
}
