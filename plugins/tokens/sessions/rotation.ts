import { isOurs, type RefreshToken } from './refresh-token.ts'
import type { SessionRow, SessionStore } from './store.ts'

/** What became of a refresh token that was shown. */
export type Rotation =
  /** The session goes on, by the generation of the row: its first holder and those who ask within the grace get the same. */
  | { readonly outcome: 'rotated' | 'repeated'; readonly row: SessionRow }
  /** A token that was used before, by somebody who should not have it or by its owner long ago: the family is dead. */
  | { readonly outcome: 'reused'; readonly row: SessionRow }
  | { readonly outcome: 'refused' }

export interface RotationRules {
  readonly store: SessionStore
  readonly peppers: readonly Uint8Array[]
  /** Milliseconds for which the token before the present one still answers the present one. */
  readonly grace: number
  readonly idle: number
  /** Whether the owner may still go on. */
  readonly mayGoOn: (row: SessionRow) => Promise<boolean>
}

const refused: Rotation = { outcome: 'refused' }

/**
 * One step of a family (RFC 9700, 4.14.2), with the grace that keeps a client with two tabs, or one that lost an answer,
 * signed in: only the immediate predecessor has it, and it gets the successor that was made already, never another.
 */
export async function rotate(rules: RotationRules, shown: RefreshToken): Promise<Rotation> {
  const { store, peppers, grace, idle, mayGoOn } = rules
  const found = await store.find(shown.family)
  // Who cannot make the token learns nothing, and ends nothing: else anybody could sign others out.
  if (found === undefined || !isOurs(peppers, shown, found)) return refused
  if (isOver(found) || found.actor !== null || !(await mayGoOn(found))) return refused
  if (shown.generation === found.generation) {
    const row = await store.rotate(found.id, shown.generation, idle)
    if (row !== undefined) return { outcome: 'rotated', row }
  }
  // Somebody was quicker, or it was used before: what the row says by now decides.
  const row = await store.find(shown.family)
  if (row === undefined || isOver(row) || shown.generation >= row.generation) return refused
  if (shown.generation === row.generation - 1 && row.readAt - row.rotatedAt <= grace)
    return { outcome: 'repeated', row }
  return { outcome: 'reused', row }
}

const isOver = ({ revoked, idleExpiresAt, readAt }: SessionRow): boolean => revoked || idleExpiresAt <= readAt
