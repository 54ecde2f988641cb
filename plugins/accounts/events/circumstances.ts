import type { Logger } from '#core/ports/logger'
import type { Scope } from '#core/scope'

/** Who acted, from where and in which request. */
export interface Circumstances {
  readonly actorId: string | undefined
  readonly sessionId: string | undefined
  readonly apiKeyId: string | undefined
  readonly address: string | undefined
  readonly userAgent: string | undefined
  readonly requestId: string | undefined
  readonly tenant: string | undefined
  readonly logger: Logger | undefined
}

export function circumstancesOf(scope: Scope | undefined): Circumstances {
  const principal = scope?.principal ?? undefined
  return {
    actorId: principal?.actor?.id ?? principal?.id,
    sessionId: principal?.sessionId,
    apiKeyId: principal?.apiKeyId,
    address: scope?.address,
    userAgent: scope?.request.headers.get('user-agent') ?? undefined,
    requestId: scope?.id,
    tenant: scope?.tenant,
    logger: scope?.logger,
  }
}

const longest = 255

/** Text that every database takes: well-formed (PostgreSQL keeps no NUL and no half character), and not without end. */
export const bounded = (text: string | undefined): string | null =>
  text === undefined ? null : text.replaceAll('\0', '').slice(0, longest).toWellFormed()
