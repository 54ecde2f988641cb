import type { apiKeys } from './table.ts'
import type { ApiKey } from './types.ts'

export type Row = typeof apiKeys.$inferSelect

/** Whether it still opens something. */
export const isGood = ({ revokedAt, expiresAt }: Row, now: number): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt.getTime() > now)

/** A key as its owner sees it. */
export const shownOf = ({ id, userId, name, lastFour, scopes, replacedById, ...times }: Row): ApiKey => ({
  ...{ id, userId, name, hint: `kwik_…${lastFour}`, scopes, replacedById },
  createdAt: times.createdAt.toISOString(),
  expiresAt: times.expiresAt?.toISOString() ?? null,
  revokedAt: times.revokedAt?.toISOString() ?? null,
  lastUsedAt: times.lastUsedAt?.toISOString() ?? null,
})
