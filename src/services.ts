import type { AnyElysia } from 'elysia'
import type { Database } from '#core/ports/database'
import type { Redis } from '#core/ports/redis'
import type { TokenIssuer } from '#core/ports/token-issuer'
import type { Accounts } from '../plugins/accounts/index.ts'
import type { Events } from '../plugins/events/index.ts'
import type { LineLogger } from '../plugins/logging/index.ts'
import type { SessionService } from '../plugins/tokens/index.ts'
import type { TracingSwitch } from '../plugins/tracing/index.ts'
import type { KwikOptions } from './kwik.types.ts'

/** What a platform was wired with: for commands and tests, which have the platform and no request. */
export interface Services {
  /** What `kwik({...})` was given. Secrets are among it. */
  readonly options: KwikOptions
  readonly database?: Database
  readonly redis?: Redis
  readonly accounts?: Accounts
  readonly tokens?: TokenIssuer
  /** Who is signed in where: to list, to end, and to refuse single tokens. */
  readonly sessions?: SessionService
  /** Its levels can be changed while the app runs: `logger.setLevel('shop', 'debug')`. */
  readonly logger?: LineLogger
  // biome-ignore lint/suspicious/noExplicitAny: what each event brings is the app's
  readonly events?: Events<any>
  /** Switches tracing on for tests. */
  readonly traces?: TracingSwitch
}

const services = new WeakMap<AnyElysia, Services>()
export const rememberServices = (platform: AnyElysia, wired: Services): void => void services.set(platform, wired)

/**
 * What `kwik({...})` wired a platform with. From `kwik`.
 * @throws {TypeError} for anything but what `kwik()` returned
 */
export function servicesOf(platform: AnyElysia): Services {
  const wired = services.get(platform)
  if (!wired) throw new TypeError('servicesOf() takes what kwik({...}) returned, the platform itself')
  return wired
}
