/** Days of the proleptic Gregorian calendar, year 1 to 9999. */
const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()

/** Whether the text is a full date (RFC 3339, `full-date`) of the real calendar. */
export function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (parts === null) return false
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

const shapeOfInstant =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?([Zz]|[+\- ](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * An RFC 3339 date-time, or a full date for its first moment in UTC, as UTC text with microseconds; `undefined` when it is neither.
 * A space where the offset's sign belongs is the `+` of a client that did not encode it.
 */
export function readInstant(text: string): string | undefined {
  if (isDate(text)) return `${text}T00:00:00.000000Z`
  const parts = shapeOfInstant.exec(text)
  if (parts === null || !isDate(parts[1]!)) return undefined
  const [, date, hour, minute, second, fraction = '', offset] = parts
  const at = Date.parse(`${date}T${hour}:${minute}:${second}${offset!.replace(' ', '+').toUpperCase()}`)
  const utc = new Date(at).toISOString()
  // An offset may lead out of the four-digit years.
  return utc.length === 24 && utc >= '0001' ? `${utc.slice(0, 20)}${fraction.padEnd(6, '0')}Z` : undefined
}

/** Milliseconds since 1970, microseconds after the point, of a text that `readInstant` made. */
export const toEpoch = (instant: string): number =>
  Date.parse(`${instant.slice(0, 23)}Z`) + Number(instant.slice(23, 26)) / 1000

/** Whether the runtime knows a time zone by this name. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** First moment of a day, and of the day after it, in a time zone: 23 or 25 hours apart when clocks are changed. */
export function boundsOfDay(date: string, zone: string): readonly [string, string] {
  const start = Date.parse(`${date}T00:00:00Z`)
  const next = new Date(start + day).toISOString().slice(0, 10)
  return [midnight(date, zone), midnight(next, zone)]
}

/** The first moment at which the zone's calendar has the day, or a later one: days begin at one o'clock too, and some are left out. */
function midnight(date: string, zone: string): string {
  const wanted = Date.parse(`${date}T00:00:00Z`)
  const [before, after] = [offsetAt(wanted - day, zone), offsetAt(wanted + day, zone)]
  const shows = (at: number): number => at + offsetAt(at, zone)
  let [low, high] = [wanted - Math.max(before, after), wanted - Math.min(before, after)]
  // Where clocks are put back there are two midnights.
  if (low === high || shows(low) === wanted) return instant(low)
  // Where they are put forward there may be none.
  while (shows(high) !== wanted && high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (shows(middle) < wanted) low = middle
    else high = middle
  }
  return instant(high)
}

const day = 86_400_000
const instant = (at: number): string => new Date(at).toISOString().replace('Z', '000Z')

/** Milliseconds that the zone is ahead of UTC at a moment. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
  }).formatToParts(at)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)!.value)
  const local = new Date(0)
  // `Date.UTC` takes the years 0 to 99 for those of the last century.
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'))
  local.setUTCHours(part('hour'), part('minute'), part('second'))
  return local.getTime() - Math.floor(at / 1000) * 1000
}
