import { bodyRules } from './body.ts'
import { BootError } from './boot-error.ts'
import { bodyHook, bodySchema } from './elysia/body-hook.ts'
import { isTransactional, mayEnterAgain, type Route } from './elysia/door.ts'
import { gateHooks } from './elysia/gate.ts'
import { downgradeHook, type Hook, handshakeHook, loadHook, replayHook, upgradeHook } from './elysia/hooks.ts'
import { beforeBoot, declares, installs, markMade } from './marks.ts'
import type { Plan } from './plan.ts'
import type { Models } from './schema.ts'

const installed = new WeakSet<Route['hooks']>()
export const isInstalled = (route: Route): boolean => installed.has(route.hooks)

const isJsonParser = (parser: unknown): boolean => parser === 'json' || parser === 'application/json'
const some = (...hooks: (Hook | undefined)[]): Hook[] => hooks.filter((hook) => hook !== undefined)

/** One hook for each moment, with the user's own hooks between. */
export function installPlan({ route, name, steps, transform, limits, watchesEnd }: Plan, models: Models): void {
  const hooks = route.hooks
  const parse = beforeBoot(hooks.parse)
  const takesBody =
    !['GET', 'HEAD', 'WS', 'OPTIONS'].includes(route.method) && !parse.some((hook) => (hook.fn as unknown) === 'none')
  if (limits.transaction && !isTransactional(route.handler))
    throw new BootError([`${name}: \`transaction: true\` came too late: write it on the route, or in a guard above it`])

  const schema = bodySchema(hooks, models)
  // Elysia's own JSON parser knows no limits; after it Elysia asks no other.
  const json = parse.findIndex((hook) => isJsonParser(hook.fn))
  const parsers = json === -1 ? parse : parse.slice(0, json)
  const gate = gateHooks({
    route,
    steps,
    name,
    limits,
    takesBody,
    rules: bodyRules({ limit: limits.bodyLimit, schema: schema ?? hooks['body'], isJson: json !== -1 }),
    parsers,
  })
  const words = transform.filter((hook) => hook.fn[installs] || hook.fn[declares])
  const users = transform.filter((hook) => !words.includes(hook))
  hooks.transform = some(
    markMade(gate.transform, words),
    markMade(upgradeHook(steps)),
    ...users,
    markMade(takesBody && limits.closedBody ? bodyHook(schema, models) : undefined),
  )
  const unused = parse.slice(parsers.length)
  if (gate.guard)
    hooks.parse = some(markMade(gate.guard, gate.read ? [] : unused), ...parsers, markMade(gate.read, unused))
  hooks.beforeHandle = some(
    markMade(loadHook(steps, name)),
    ...beforeBoot(hooks.beforeHandle),
    markMade(replayHook(steps, name)),
    route.method === 'WS' ? markMade(handshakeHook()) : undefined,
  )
  hooks.mapResponse = some(
    ...beforeBoot(hooks.mapResponse),
    markMade(downgradeHook(steps, watchesEnd, mayEnterAgain(route))),
  )
  if (hooks.beforeHandle.length === 0) delete hooks.beforeHandle
  installed.add(hooks)
}
