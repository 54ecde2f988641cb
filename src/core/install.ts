import { bodyRules } from './body.ts'
import { BootError } from './boot-error.ts'
import { bodyCheck, bodyHook, bodySchema } from './elysia/body-hook.ts'
import { isTransactional, mayEnterAgain, type Route } from './elysia/door.ts'
import { gateHooks } from './elysia/gate.ts'
import { downgradeHook, type Hook, handshakeHook, loadHook, replayHook, upgradeHook } from './elysia/hooks.ts'
import { beforeBoot, declares, installs, type Marked, markMade } from './marks.ts'
import type { Step } from './phases.ts'
import type { Plan } from './plan.ts'
import type { Models } from './schema.ts'

const installed = new WeakSet<Route['hooks']>()
export const isInstalled = (route: Route): boolean => installed.has(route.hooks)

const isJsonParser = (parser: unknown): boolean => parser === 'json' || parser === 'application/json'
const some = (...hooks: (Hook | undefined)[]): Hook[] => hooks.filter((hook) => hook !== undefined)

/** Whether a route may run from its first hook to its handler and begin again: nothing of the app's would run twice. */
function runsTwiceUnseen(route: Route, steps: readonly Step[], users: readonly Marked[]): boolean {
  const { hooks } = route
  const own = [beforeBoot(hooks.parse), users, beforeBoot(hooks.beforeHandle), beforeBoot(hooks.mapResponse)]
  // What a schema has read of these is not read from the request again.
  const isRead = ['params', 'headers', 'cookie', 'standaloneValidator', 'afterHandle'].some(
    (key) => hooks[key] !== undefined,
  )
  const isMore = steps.some(({ phase }) => phase === 'upgrade' || phase === 'load')
  return route.method === 'GET' && mayEnterAgain(route) && !isRead && !isMore && own.every((one) => one.length === 0)
}

/** One hook for each moment, with the user's own hooks between. */
export function installPlan({ route, name, steps, transform, limits, watchesEnd }: Plan, models: Models): void {
  const hooks = route.hooks
  const parse = beforeBoot(hooks.parse)
  const takesBody =
    !['GET', 'HEAD', 'WS', 'OPTIONS'].includes(route.method) && !parse.some((hook) => (hook.fn as unknown) === 'none')
  if (limits.transaction && !isTransactional(route.handler))
    throw new BootError([`${name}: \`transaction: true\` came too late: write it on the route, or in a guard above it`])

  const schema = bodySchema(hooks, models)
  const checksBody = takesBody && (schema ?? hooks['body']) !== undefined
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
    markMade(checksBody ? bodyHook(limits.closedBody ? bodyCheck(schema, models) : undefined) : undefined),
  )
  const unused = parse.slice(parsers.length)
  if (gate.guard)
    hooks.parse = some(markMade(gate.guard, gate.read ? [] : unused), ...parsers, markMade(gate.read, unused))
  hooks.beforeHandle = some(
    markMade(loadHook(steps, name)),
    ...beforeBoot(hooks.beforeHandle),
    markMade(replayHook(steps, name, runsTwiceUnseen(route, steps, users) ? route : undefined)),
    route.method === 'WS' ? markMade(handshakeHook()) : undefined,
  )
  hooks.mapResponse = some(
    ...beforeBoot(hooks.mapResponse),
    markMade(downgradeHook(steps, watchesEnd, mayEnterAgain(route))),
  )
  if (hooks.beforeHandle.length === 0) delete hooks.beforeHandle
  installed.add(hooks)
}
