import { BootError } from './boot-error.ts'
import { bodyHook } from './elysia/body-hook.ts'
import { isTransactional, type Route } from './elysia/door.ts'
import { gateHooks } from './elysia/gate.ts'
import { downgradeHook, type Hook, handshakeHook, loadHook, replayHook, upgradeHook } from './elysia/hooks.ts'
import { beforeBoot, declares, installs, markMade } from './marks.ts'
import type { Plan } from './plan.ts'

const installed = new WeakSet<Route['hooks']>()
export const isInstalled = (route: Route): boolean => installed.has(route.hooks)

const some = (...hooks: (Hook | undefined)[]): Hook[] => hooks.filter((hook) => hook !== undefined)

/** One hook for each moment, with the user's own hooks between. */
export function installPlan({ route, name, steps, transform, limits, watchesEnd }: Plan): void {
  const hooks = route.hooks
  const parse = beforeBoot(hooks.parse)
  const takesBody =
    !['GET', 'HEAD', 'WS', 'OPTIONS'].includes(route.method) && !parse.some((hook) => (hook.fn as unknown) === 'none')
  if (limits.transaction && !isTransactional(route.handler))
    throw new BootError([`${name}: \`transaction: true\` came too late: write it on the route, or in a guard above it`])

  const gate = gateHooks({ steps, name, limits, takesBody, body: hooks['body'], parsers: parse.length > 0 })
  const users = transform.filter((hook) => !hook.fn[installs] && !hook.fn[declares])
  hooks.transform = some(
    markMade(gate.transform, [...transform]),
    markMade(upgradeHook(steps)),
    ...users,
    markMade(takesBody && limits.closedBody ? bodyHook(hooks['body']) : undefined),
  )
  if (gate.guard) hooks.parse = some(markMade(gate.guard), ...parse, markMade(gate.read))
  hooks.beforeHandle = some(
    markMade(loadHook(steps, name)),
    ...beforeBoot(hooks.beforeHandle),
    markMade(replayHook(steps, name)),
    route.method === 'WS' ? markMade(handshakeHook()) : undefined,
  )
  hooks.mapResponse = some(...beforeBoot(hooks.mapResponse), markMade(downgradeHook(steps, watchesEnd)))
  if (hooks.beforeHandle.length === 0) delete hooks.beforeHandle
  installed.add(hooks)
}
