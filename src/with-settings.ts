import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { LogLevel } from '#core/ports/logger'
import type { LineLogger } from '../plugins/logging/index.ts'
import { follow, type Given, givenSettings } from '../plugins/settings/given.ts'
import type { KwikOptions } from './kwik.types.ts'

/** Groups of settings, and the option of `kwik()` that they belong to. Parts that are on without being asked for are so here too. */
const parts: readonly { readonly group: string; readonly option: keyof KwikOptions; readonly isOn: boolean }[] = [
  { group: 'log', option: 'logging', isOn: true },
  { group: 'tracing', option: 'tracing', isOn: false },
  { group: 'metrics', option: 'metrics', isOn: true },
  { group: 'health', option: 'health', isOn: true },
  { group: 'headers', option: 'headers', isOn: true },
  { group: 'shaping', option: 'shaping', isOn: false },
  { group: 'tokens', option: 'tokens', isOn: false },
  { group: 'rateLimit', option: 'rateLimit', isOn: false },
  { group: 'idempotency', option: 'idempotency', isOn: false },
  { group: 'cache', option: 'cache', isOn: false },
  { group: 'compression', option: 'compression', isOn: false },
  { group: 'openapi', option: 'openapi', isOn: false },
]
const own = ['strict', 'bodyLimit', 'timeout', 'signals', 'drain', 'trustedProxies', 'hideForbidden'] as const

/**
 * The options with what somebody gave as settings: who runs an app has the last word over who wrote it, and what nobody
 * gave is as the code says. A part that the code does not ask for stays away: routes could not say its options.
 */
export function withSettings(options: KwikOptions): KwikOptions {
  const { settings } = options
  if (settings === undefined) return options
  const given = givenSettings(settings)
  const { redis, server = {} } = given as { redis?: { url?: string }; server?: Given }
  const merged: Record<string, unknown> = { ...options }
  for (const name of own) if (server[name] !== undefined) merged[name] = server[name]
  // A connection that the app made itself stays the one that it uses.
  if (redis?.url !== undefined && typeof options.redis !== 'object') merged['redis'] = redis.url
  for (const { group, option, isOn } of parts) {
    const values = given[group] as Given | undefined
    const said = options[option] as Given | false | undefined
    if (values === undefined || said === false || (said === undefined && !isOn)) continue
    merged[option] = over(said ?? {}, group === 'tokens' ? withoutSecret(values, said) : values)
  }
  return merged as KwikOptions
}

/** Keys that the code gives are not to be mixed with one of the settings. */
function withoutSecret(values: Given, said: Given | undefined): Given {
  if (said?.['keys'] === undefined) return values
  const { secret: _, ...rest } = values
  return rest
}

function over(said: Given, values: Given): Given {
  const merged: Record<string, unknown> = { ...said }
  for (const [name, value] of Object.entries(values))
    merged[name] = isGroup(value) && isGroup(merged[name]) ? over(merged[name], value) : value
  return merged
}

const isGroup = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Lets the lines of a running app obey `log.level` when a reload changes it. */
export function followingLog(settings: object, logger: LineLogger): KwikPlugin<{}> {
  return definePlugin<KwikPlugin<{}>, object>({
    name: 'settings-log',
    options: settings,
    keys: [],
    setup: () => {
      const end = follow(settings, 'log.level', (level) => logger.setLevel('', level as LogLevel))
      return { stop: end }
    },
  })
}
