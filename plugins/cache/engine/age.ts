import type { Entry, Lifetime } from './types.ts'

/**
 * `fresh`; `stale`: answered while it is loaded anew beside; `failing`: answered only where loading it anew fails;
 * `over`: never.
 */
export type Age = 'fresh' | 'stale' | 'failing' | 'over'

/** How old an entry is. @param now of {@link Engine.now} */
export function ageOf({ at, life }: Entry, now: number): Age {
  const age = now - at
  // A clock that was set back proves nothing.
  if (age < 0) return 'over'
  if (age < life.fresh) return 'fresh'
  if (age < life.fresh + life.swr) return 'stale'
  return age < life.fresh + life.staleIfError ? 'failing' : 'over'
}

/** Milliseconds for which anything of it may be answered. */
export const wholeLife = ({ fresh, swr, staleIfError }: Lifetime): number => fresh + Math.max(swr, staleIfError)
