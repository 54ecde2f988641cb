const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time: `'250ms'`, `'2s'`, `'5m'`, `'1h'`, `'14d'`, or a number of seconds. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | number

/**
 * Milliseconds of a duration.
 * @throws {TypeError} for anything that is no duration, naming it
 */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration * 1000
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  if (amount === undefined || unit === undefined)
    throw new TypeError(`"${duration}" is no duration: write '250ms', '2s', '5m', '1h', '14d' or a number of seconds`)
  return Number(amount) * units[unit]!
}
